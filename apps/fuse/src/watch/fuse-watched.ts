import { errorLine, runBatch } from '@refusion/cli';
import { FileError } from '@refusion/core';
import type { FusedPair, PairFuser } from '../fuse-pair.js';
import type { FailedPair, Outcome, Showing } from '../fuse-pairs.js';
import { type WatchOptions, watchPairs } from './pair-watcher.js';

/** What became of the pairs, and the names of pictures that still have no partner. */
export interface WatchOutcome extends Outcome {
  readonly waiting: readonly string[];
}

/**
 * Fuses the pairs of two folders as they become complete, with a line for each, until the signal is aborted. A pair that
 * fails is named in one sentence, and fused once one of its pictures is replaced.
 */
export async function fuseWatched(
  fusePair: PairFuser,
  watching: WatchOptions,
  { out, quiet, stream }: Showing,
): Promise<WatchOutcome> {
  const [fused, failed]: [FusedPair[], FailedPair[]] = [[], []];
  const log = (line: string): void => {
    stream.write(`${line}\n`);
  };
  const tell = (line: string): void => {
    if (!quiet) log(`fuse: ${line}`);
  };
  const { items, waiting } = watchPairs(watching);
  tell(`watching ${watching.a} and ${watching.b}, Ctrl+C ends`);
  const onError = ({ stem }: { stem: string }, error: unknown): void => {
    failed.push({ stem, message: error instanceof Error ? error.message : String(error) });
    log(errorLine(error, stem));
  };
  await runBatch(
    items,
    async (item) => {
      if ('message' in item) throw new FileError(item.message);
      const result = await fusePair(item, { log: quiet ? () => {} : log });
      fused.push(result);
      tell(`${result.file} in ${result.seconds.toFixed(1)} s`);
    },
    { onError },
  );
  const counts = [`${fused.length} fused`];
  if (failed.length > 0) counts.push(`${failed.length} failed`);
  if (waiting().length > 0) counts.push(`${waiting().length} without a partner`);
  tell(`${counts.join(', ')}, results in ${out}`);
  return { fused, failed, waiting: waiting() };
}
