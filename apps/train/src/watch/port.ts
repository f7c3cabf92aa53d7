import { type OptionParser, wholeNumber } from '@refusion/cli';
import { OptionError } from '@refusion/core';

/** Where the page is, if that is free and no other port was asked for. */
export const USUAL_PORT = 8420;

export const PORT_HELP = `of the page; 0 for any that is free (default: ${USUAL_PORT}, or any if that is taken)`;

/** A parser of a port's number, 0 for any. */
export function portNumber(option: string): OptionParser<number> {
  const whole = wholeNumber(option, { atLeast: 0 });
  return (text) => {
    const port = whole(text);
    if (port > 65_535) throw new OptionError(`${option} must be at most 65535, got ${port}`);
    return port;
  };
}
