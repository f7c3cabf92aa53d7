import { printable } from '@refusion/cli';

/** Text that is HTML already. All else is text to be shown. */
export class Html {
  constructor(readonly text: string) {}
}

/** What may stand in a template: a list is joined, null and false are nothing. */
export type HtmlPart = Html | string | number | null | false | readonly HtmlPart[];

/**
 * HTML from a template. What is put in is escaped, unless it is `Html` itself, so that names from files stay text, in
 * elements and in quoted attributes.
 * @example
 * html`<td title="${name}">${name}</td>`
 */
export function html(template: TemplateStringsArray, ...parts: readonly HtmlPart[]): Html {
  return new Html(String.raw({ raw: template }, ...parts.map(textOf)));
}

function textOf(part: HtmlPart): string {
  if (part === null || part === false) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(textOf).join('');
  return escaped(String(part));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Control characters are not allowed in HTML, and those that turn the direction of writing would turn what follows. */
function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] as string);
}
