import { RefusionError } from '@refusion/core';
import { printable } from './printable.js';

/**
 * The one line that a program prints about an error: `error: <message>`. Anything but a `RefusionError` is not the
 * user's to mend, and the line says so; its stack follows where the environment variable DEBUG is set.
 * @param about What the error is about, such as a file's name, where the message alone does not tell.
 */
export function errorLine(error: unknown, about?: string): string {
  const message = error instanceof Error ? error.message : String(error);
  const sentence = oneLine(about === undefined ? message : `${about}: ${message}`);
  if (error instanceof RefusionError) return `error: ${sentence}`;
  const stack = process.env['DEBUG'] && error instanceof Error ? `\n${error.stack}` : '';
  return `error: ${sentence} (this is a bug: please report it)${stack}`;
}

/** The text on one line, with nothing in it that a terminal would obey. */
export function oneLine(text: string): string {
  return printable(text.trim());
}
