import { FileError } from '@refusion/core';
import type { Pair } from '@refusion/data/node';
import { readPicture } from '@refusion/image-io/node';
import type { Dealt } from '../pool/deal.js';

/** Of so many pairs the sizes are compared: folders of many sizes show it soon, and reading more takes time. */
const COMPARED = 20;

/**
 * Fuses, on each thread, a chunk of the first size and one that begins with another, if there is one soon: the models for a folder
 * of one size, and of many, are compiled then.
 * @throws FileError, naming the pair, if one cannot be fused
 */
export async function warmUp(
  { fuseOnEach, batch }: Pick<Dealt, 'fuseOnEach' | 'batch'>,
  pairs: readonly Pair[],
): Promise<void> {
  const other = await firstOfAnotherSize(pairs.slice(0, COMPARED));
  for (const start of other > 0 ? [0, other] : [0]) {
    const chunk = pairs.slice(start, start + batch);
    const outcomes = await fuseOnEach(chunk, { log: () => {} });
    for (const [i, outcome] of outcomes.entries()) {
      if ('error' in outcome) throw unfused((chunk[i] as Pair).stem, messageOf(outcome.error));
    }
  }
}

/** The place of the first pair whose size is not that of the first; -1 where there is none. */
async function firstOfAnotherSize(pairs: readonly Pair[]): Promise<number> {
  let size: string | undefined;
  for (const [i, { stem, a }] of pairs.entries()) {
    const { shape } = await readPicture(a).catch((error) => {
      throw unfused(stem, messageOf(error));
    });
    const own = `${shape.slice(0, 2)}`;
    size ??= own;
    if (own !== size) return i;
  }
  return -1;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A pair that cannot be fused ends the measurement. */
export function unfused(stem: string, message: string): FileError {
  return new FileError(`${stem}: ${message}`);
}
