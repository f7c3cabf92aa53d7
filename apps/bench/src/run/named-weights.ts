import { basename, extname } from 'node:path';
import type { NamedPath } from '@refusion/cli';
import { OptionError } from '@refusion/core';
import { isOwnFile } from './own-files.js';

const UNFIT = /[\\/:*?"<>|\p{Cc}]|^\.|[. ]$/u;
/** Windows has devices of these names, with any extension. */
const DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Whether a folder of `bench run` can be called that, on any system. */
export function isFolderName(name: string): boolean {
  return name !== '' && !UNFIT.test(name) && !DEVICE.test(name) && !isOwnFile(name);
}

/**
 * `NAME=file` or a file, whose name without its extension is then taken, for an option that may be given several times.
 * @throws OptionError if a name is there twice or cannot be that of a folder
 */
export function namedWeights(text: string, before: readonly NamedPath[] = []): readonly NamedPath[] {
  const { name, path } = split(text);
  if (name === '' || path === '')
    throw new OptionError(`--weights must be NAME=file or a file, got "${text}"`);
  if (!isFolderName(name)) {
    throw new OptionError(
      `--weights ${text}: "${name}" cannot be the name of a folder; choose another with NAME=file`,
    );
  }
  // Some systems do not tell upper case from lower.
  if (before.some((other) => other.name.toLowerCase() === name.toLowerCase())) {
    throw new OptionError(`--weights has the name "${name}" twice; give "${path}" another with NAME=file`);
  }
  return [...before, { name, path }];
}

/** An equals sign after a slash belongs to the path. */
function split(text: string): NamedPath {
  const equals = text.search(/(?<=^[^\\/]*)=/);
  if (equals >= 0) return { name: text.slice(0, equals), path: text.slice(equals + 1) };
  return { name: basename(text, extname(text)), path: text };
}
