import type { NamedPath } from '@refusion/cli';
import { FileError } from '@refusion/core';
import { listPairs, type Pair } from '@refusion/data/node';
import type { Method } from './score-methods.js';

/** How many missing pictures a message names. */
const NAMED = 20;

/**
 * Finds a method's fused image of each pair: a picture of the pair's name, but for the extension, in the method's
 * folder. Other pictures there are of no concern.
 * @param a the first sources, a folder or a file
 * @throws FileError if the folder cannot be read or lacks a picture
 */
export async function findFused(
  { name, path }: NamedPath,
  a: string,
  pairs: readonly Pair[],
): Promise<Method> {
  // A source and its fused image are paired as two sources are.
  const listing = await listPairs({ a, b: path });
  const fused = new Map(listing.pairs.map((pair) => [pair.stem, pair.b]));
  const missing = pairs.filter(({ stem }) => !fused.has(stem)).map(({ stem }) => stem);
  if (missing.length > 0) {
    const more = missing.length > NAMED ? ` and ${missing.length - NAMED} more` : '';
    throw new FileError(
      `"${path}" has no picture for ${missing.length} of ${pairs.length} pairs: ${missing.slice(0, NAMED).join(', ')}${more}; the method is left out, as its means would not compare`,
    );
  }
  return { name, fused: (stem) => fused.get(stem) as string };
}
