import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it, vi } from 'vitest';

// Every package's README has a runnable example; here it runs, on the sources.
const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(root, 'tests', '.readme-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const packages = readdirSync(join(root, 'packages')).filter((name) => {
  const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as {
    private?: true;
  };
  return !manifest.private;
});

describe.each(packages)('the README of @refusion/%s', (name) => {
  const path = join(root, 'packages', name, 'README.md');

  it('has an example that runs and prints', async () => {
    expect(existsSync(path)).toBe(true);
    const example = /```(?:js|ts)\n([\s\S]*?)```/.exec(readFileSync(path, 'utf8'))?.[1];
    expect(example, 'a ```js or ```ts block').toBeTruthy();
    // Beside the package, so that imports resolve as they do for its users.
    const file = join(scratch, `${name}.mts`);
    writeFileSync(file, example as string);
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await import(pathToFileURL(file).href);
    const printed = [log, out, err].some((spy) => spy.mock.calls.length > 0);
    vi.restoreAllMocks();
    expect(printed).toBe(true);
  });

  it('links to files that exist', () => {
    const text = readFileSync(path, 'utf8');
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] as string);
    expect(links.filter((link) => !existsSync(join(root, 'packages', name, link)))).toEqual([]);
  });
});

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const manifests = new Map(
  ['packages', 'apps'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name): [string, Manifest] => {
      const manifest = JSON.parse(readFileSync(join(root, folder, name, 'package.json'), 'utf8')) as Manifest;
      return [manifest.name, manifest];
    }),
  ),
);

/** Whether installing a package installs onnxruntime-node, whose script fetches CUDA unless it is told not to. */
function hasRuntime(name: string): boolean {
  const manifest = manifests.get(name);
  const needed = Object.keys({ ...manifest?.dependencies, ...manifest?.optionalDependencies });
  return name === 'onnxruntime-node' || needed.some(hasRuntime);
}

it.each(['packages', 'apps'])('every install line of %s fetches nothing but packages', (folder) => {
  const lines = readdirSync(join(root, folder)).flatMap((name) => {
    const path = join(root, folder, name, 'README.md');
    return existsSync(path)
      ? (readFileSync(path, 'utf8').match(/npm install [^`\n]*@refusion\/[^`\n]*/g) ?? [])
      : [];
  });
  expect(lines.length).toBeGreaterThan(1);
  const fetching = lines.filter((line) => (line.match(/@refusion\/\w+/g) ?? []).some(hasRuntime));
  expect(fetching.length).toBeGreaterThan(1);
  for (const line of fetching) expect(line).toContain('--onnxruntime-node-install=skip');
});

const pages = ['README.md', 'CONTRIBUTING.md', 'docs', 'apps'].flatMap((place) =>
  place.endsWith('.md')
    ? [place]
    : readdirSync(join(root, place), { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.md') && !file.includes('node_modules'))
        .map((file) => join(place, file)),
);

it.each(pages)('%s links to files that exist', (page) => {
  const text = readFileSync(join(root, page), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((match) => match[1] as string);
  expect(links.filter((link) => !existsSync(join(root, page, '..', link)))).toEqual([]);
});
