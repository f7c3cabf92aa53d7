import { errorLine, runBatch } from '@refusion/cli';
import { FileError, RefusionError } from '@refusion/core';
import type { Pair, PairProblem } from '@refusion/data/node';
import type { FusedPair, PairFuser } from '../fuse-pair.js';
import type { FailedPair, Outcome, Showing } from '../fuse-pairs.js';
import { type WatchOptions, watchPairs } from './pair-watcher.js';

/** What became of the pairs, and of the watching. */
export interface WatchOutcome extends Outcome {
  /** The names of pictures that still have no partner. */
  readonly waiting: readonly string[];
  /** Why the watching ended by itself, such as a folder that was removed; `null` where it was ended. */
  readonly ended: string | null;
}

/**
 * Fuses the pairs of two folders as they become complete, with a line for each, until the signal is aborted. A pair that
 * fails is named in one sentence, and fused once one of its pictures is replaced. So is what ends the watching before, such as a
 * folder that is removed; what was fused is told all the same, and the program's exit code becomes 2.
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
  const work = async (item: Pair | PairProblem): Promise<void> => {
    if ('message' in item) throw new FileError(item.message);
    const result = await fusePair(item, { log: quiet ? () => {} : log });
    fused.push(result);
    tell(`${result.file} in ${result.seconds.toFixed(1)} s`);
  };
  const ended = await endOf(runBatch(items, work, { onError }), log);
  // The partners of those that went with a folder have been fused.
  const done = new Set(ended === null ? [] : fused.map(({ stem }) => stem));
  const alone = waiting().filter((stem) => !done.has(stem));
  const counts = [`${fused.length} fused`];
  if (failed.length > 0) counts.push(`${failed.length} failed`);
  if (alone.length > 0) counts.push(`${alone.length} without a partner`);
  tell(`${counts.join(', ')}, results in ${out}`);
  return { fused, failed, waiting: alone, ended };
}

/** The sentence that ends some work, shown; `null` where it comes to its end. */
async function endOf(work: Promise<unknown>, log: (line: string) => void): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (!(error instanceof RefusionError)) throw error;
    log(errorLine(error));
    process.exitCode = 2;
    return error.message;
  }
}
