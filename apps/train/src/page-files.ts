import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
// The path is the same from src and from dist.
const own = (name: string): string => fileURLToPath(new URL(`../page/${name}`, import.meta.url));

/** In the order that they are run in. */
const SCRIPTS = [
  require.resolve('uplot/dist/uPlot.iife.min.js'),
  ...['format', 'groups', 'charts', 'pictures', 'page'].map((name) => own(`${name}.js`)),
];
const STYLES = [require.resolve('uplot/dist/uPlot.min.css'), own('page.css')];

/** A page with nothing outside itself, and the policy that holds it to that. */
export interface Page {
  readonly html: string;
  /** The value of `Content-Security-Policy`: what is not of this page or this server does not load or run. */
  readonly policy: string;
  /** SVG. */
  readonly icon: string;
}

/** Puts the page together from its files. */
export async function loadPage(): Promise<Page> {
  const [script, style, template, icon] = await Promise.all([
    joined(SCRIPTS),
    joined(STYLES),
    joined([own('page.html')]),
    joined([own('icon.svg')]),
  ]);
  // Only the end of a script element can end it early.
  const code = script.replaceAll('</script', '<\\/script');
  const html = template.replace('/* styles */', () => style).replace('/* scripts */', () => code);
  const policy = [
    "default-src 'none'",
    `script-src '${digest(code)}'`,
    `style-src '${digest(style)}'`,
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
  return { html, policy, icon };
}

async function joined(paths: readonly string[]): Promise<string> {
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  return texts.join('\n');
}

function digest(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
