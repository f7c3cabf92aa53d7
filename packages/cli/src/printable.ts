/** Control characters, and those that turn the direction of the text after them. */
const OBEYED = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text, such as a file's name, that a terminal shows and does not obey: spaces in place of tabs and line breaks, and the
 * replacement character for other control characters and for those that turn the direction of writing.
 */
export function printable(text: string): string {
  return text.replace(/\s*[\r\n]+\s*|\t/g, ' ').replace(OBEYED, '\ufffd');
}
