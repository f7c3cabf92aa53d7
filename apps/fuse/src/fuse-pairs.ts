import { errorLine, type ProgressStream, progress, runBatch } from '@refusion/cli';
import { FileError } from '@refusion/core';
import type { PairListing } from '@refusion/data/node';
import type { FusedPair, PairFuser } from './fuse-pair.js';

export interface Showing {
  /** The folder for results, to tell of at the end. */
  readonly out: string;
  /** Show nothing but errors. */
  readonly quiet: boolean;
  /** Where progress and errors are shown. */
  readonly stream: ProgressStream;
}

/** A pair that was not fused. */
export interface FailedPair {
  readonly stem: string;
  readonly message: string;
}

/** What became of the pairs. */
export interface Outcome {
  readonly fused: readonly FusedPair[];
  readonly failed: readonly FailedPair[];
}

/**
 * Fuses pairs one after another and shows the progress. A pair that fails, or of which a partner is missing,
 * is named in one sentence; the others are fused, and the program's exit code becomes 2.
 */
export async function fusePairs(
  fusePair: PairFuser,
  { pairs, problems }: PairListing,
  { out, quiet, stream }: Showing,
): Promise<Outcome> {
  const [fused, failed]: [FusedPair[], FailedPair[]] = [[], []];
  const items = [...problems, ...pairs];
  const bar = progress({ label: 'fuse', total: items.length, quiet, stream });
  const work = async (item: (typeof items)[number]): Promise<void> => {
    if ('message' in item) throw new FileError(item.message);
    const share = (part: number): void =>
      bar.update(fused.length, `${item.stem} ${Math.floor(100 * part)} %`);
    fused.push(await fusePair(item, { log: bar.log, share }));
    bar.step(item.stem);
  };
  const onError = ({ stem }: { stem: string }, error: unknown): void => {
    failed.push({ stem, message: error instanceof Error ? error.message : String(error) });
    bar.log(errorLine(error, stem));
  };
  try {
    await runBatch(items, work, { onError });
  } finally {
    const failures = failed.length > 0 ? `${failed.length} failed, ` : '';
    bar.update(fused.length, `${failures}results in ${out}`);
    bar.stop();
  }
  return { fused, failed };
}
