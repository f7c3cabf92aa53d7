import { errorLine, type ProgressStream, progress, runBatch } from '@refusion/cli';
import { FileError } from '@refusion/core';
import type { Pair, PairListing } from '@refusion/data/node';
import type { ChunkFuser, FusedPair, PairFuser, PairOutcome } from './fuse-pair.js';

export interface Showing {
  /** The folder for results, to tell of at the end; `null` where they are thrown away. */
  readonly out: string | null;
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

/** How pairs are dealt out. */
export interface Dealing {
  readonly fuseChunk: ChunkFuser;
  /** How many pairs are fused together, where they have one size. */
  readonly batch: number;
  /** How many chunks are under way at a time. */
  readonly lanes: number;
}

/**
 * Fuses pairs and shows the progress. A pair that fails, or of which a partner is missing, is named in one sentence; the
 * others are fused, and the program's exit code becomes 2. What is given back is in the order of the pairs, whatever
 * the order in which they end.
 */
export async function fusePairs(
  { fuseChunk, batch, lanes }: Dealing,
  { pairs, problems }: PairListing,
  { out, quiet, stream }: Showing,
): Promise<Outcome> {
  const items = [...problems, ...pairs];
  const order = new Map(items.map((item, i) => [item.stem, i]));
  const inOrder = <I extends { readonly stem: string }>(list: readonly I[]): I[] =>
    [...list].sort((x, y) => (order.get(x.stem) as number) - (order.get(y.stem) as number));
  const [fused, failed]: [FusedPair[], FailedPair[]] = [[], []];
  const bar = progress({ label: 'fuse', total: items.length, quiet, stream });
  const fusePair = inChunks(fuseChunk, pairs, batch);
  const work = async (item: (typeof items)[number]): Promise<void> => {
    if ('message' in item) throw new FileError(item.message);
    const share = (part: number): void =>
      bar.update(fused.length, `${item.stem} ${Math.floor(100 * part)} %`);
    fused.push(await fusePair(item, { log: quiet ? () => {} : bar.log, share }));
    bar.step(item.stem);
  };
  const onError = ({ stem }: { stem: string }, error: unknown): void => {
    failed.push({ stem, message: error instanceof Error ? error.message : String(error) });
    bar.log(errorLine(error, stem));
  };
  try {
    await runBatch(items, work, { onError, lanes: lanes * batch });
  } finally {
    const failures = failed.length > 0 ? [`${failed.length} failed`] : [];
    const results = out === null ? [] : [`results in ${out}`];
    bar.update(fused.length, [...failures, ...results].join(', '));
    bar.stop();
  }
  return { fused: inOrder(fused), failed: inOrder(failed) };
}

/** Pairs one by one that are fused in chunks: the first of a chunk that is asked for brings the others along. */
function inChunks(fuseChunk: ChunkFuser, pairs: readonly Pair[], batch: number): PairFuser {
  const places = new Map(pairs.map((pair, i) => [pair, i]));
  const chunks = new Map<number, ReturnType<ChunkFuser>>();
  return async (pair, told) => {
    const place = places.get(pair) as number;
    const first = place - (place % batch);
    const chunk = chunks.get(first) ?? fuseChunk(pairs.slice(first, first + batch), told);
    chunks.set(first, chunk);
    const outcome = (await chunk)[place - first] as PairOutcome;
    if ('error' in outcome) throw outcome.error;
    return outcome.fused;
  };
}
