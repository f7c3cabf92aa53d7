import { join } from 'node:path';
import { type Pair, readPair } from '@refusion/data/node';
import type { SourcePicture } from '@refusion/image-io';
import { writeNpy, writePng } from '@refusion/image-io/node';
import type { Fuse, Fused } from '@refusion/pipeline';
import type { ChunkFuser, FusedPair, FusePairOptions, PairFuser, PairOutcome, Told } from './fuse-pair.js';
import type { MemoryBudget } from './memory.js';
import { rangeDoubt } from './range-doubt.js';
import { roleDoubt } from './tasks.js';

/** A pair whose pictures are read, or why they are not. */
type Read = { readonly pair: Pair; readonly start: number } & (
  | { readonly a: SourcePicture; readonly b: SourcePicture }
  | { readonly error: unknown }
);
type Whole = Extract<Read, { readonly a: SourcePicture }>;
type Result = Fused<Uint8Array | Uint16Array>;

/**
 * Fuses pairs by a network, those of a chunk that have one size together. That sources look exchanged, or that a range
 * misses them, is said once: in a folder, all would.
 */
export function chunkFuser(fuse: Fuse, options: FusePairOptions, budget: MemoryBudget): ChunkFuser {
  const { ranges, tone } = options;
  const warn = doubter(options);
  const read = async (pair: Pair, told: Told): Promise<Read> => {
    const start = performance.now();
    try {
      const { a, b } = await readPair(pair, ranges);
      await warn(pair, a, b, told);
      return { pair, start, a, b };
    } catch (error) {
      return { pair, start, error };
    }
  };
  const fuseSameSize = async (
    group: readonly Whole[],
    held: number,
    { share }: Told,
  ): Promise<readonly Result[]> => {
    const [{ a, b }] = group as readonly [Whole];
    const onStrip = share && ((done: number, total: number): void => share(done / total));
    const how = { tone, memory: budget.left({ a, b, pairs: group.length, held }), onStrip };
    if (group.length === 1) return [await fuse(a, b, how)];
    return fuse.together(
      group.map((each) => [each.a, each.b]),
      how,
    );
  };
  return async (pairs, told) => {
    const reads = await Promise.all(pairs.map((pair) => read(pair, told)));
    const bytes = bytesOf(reads);
    const outcomes = new Map<Read, PairOutcome>();
    for (const group of groupsThatFit(groupsOfOneSize(reads), bytes, budget)) {
      try {
        const results = await fuseSameSize(group, bytes - bytesOf(group), told);
        const written = group.map((each, i) => write(each, results[i] as Result, options));
        for (const [i, ended] of (await Promise.allSettled(written)).entries()) {
          outcomes.set(
            group[i] as Read,
            ended.status === 'fulfilled' ? { fused: ended.value } : { error: ended.reason },
          );
        }
      } catch (error) {
        for (const each of group) outcomes.set(each, { error });
      }
    }
    return reads.map((each) => ('error' in each ? each : (outcomes.get(each) as PairOutcome)));
  };
}

/** One pair at a time. */
export function pairFuser(fuse: Fuse, options: FusePairOptions, budget: MemoryBudget): PairFuser {
  const fuseChunk = chunkFuser(fuse, options, budget);
  return async (pair, told) => {
    const [outcome] = (await fuseChunk([pair], told)) as readonly [PairOutcome];
    if ('error' in outcome) throw outcome.error;
    return outcome.fused;
  };
}

/** Pairs by their size; a pair whose own pictures differ in size is alone, so that it fails alone. */
function groupsOfOneSize(reads: readonly Read[]): Iterable<readonly Whole[]> {
  const groups = new Map<string, Whole[]>();
  for (const [i, each] of reads.entries()) {
    if ('error' in each) continue;
    const [size, other] = [each.a, each.b].map(({ shape: [height, width] }) => `${width}x${height}`);
    const key = size === other ? `${size}` : `pair ${i}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return groups.values();
}

/** Groups whose memory is too little are cut into smaller ones. */
function* groupsThatFit(
  groups: Iterable<readonly Whole[]>,
  bytes: number,
  budget: MemoryBudget,
): Iterable<readonly Whole[]> {
  for (const group of groups) {
    const [{ a, b }] = group as readonly [Whole];
    const size = budget.together({ a, b, pairs: group.length, held: bytes - bytesOf(group) });
    for (let i = 0; i < group.length; i += size) yield group.slice(i, i + size);
  }
}

/** What the sources take that were read. */
function bytesOf(reads: readonly Read[]): number {
  return reads.reduce((sum, x) => sum + ('error' in x ? 0 : x.a.data.byteLength + x.b.data.byteLength), 0);
}

async function write(
  { pair, start }: Read,
  fused: Result,
  { out, raw }: FusePairOptions,
): Promise<FusedPair> {
  const [height, width] = fused.gray.shape;
  const file = join(out, `${pair.stem}.png`);
  const rawFile = raw ? join(out, `${pair.stem}.npy`) : null;
  if (rawFile !== null) await writeNpy(rawFile, fused.raw);
  await writePng(file, fused.color ?? fused.gray);
  const seconds = (performance.now() - start) / 1000;
  return { stem: pair.stem, width, height, file, raw: rawFile, seconds };
}

/** Warns of odd sources, of each kind once. */
function doubter({ ranges, task }: FusePairOptions) {
  let doubted = task === null;
  const missed = { a: false, b: false };
  return async (pair: Pair, a: SourcePicture, b: SourcePicture, { log }: Told): Promise<void> => {
    const doubt = doubted || task === null ? null : roleDoubt(task, a, b);
    if (doubt !== null) log(`warning: ${pair.stem}: ${doubt}`);
    doubted ||= doubt !== null;
    for (const [side, source] of [
      ['a', a],
      ['b', b],
    ] as const) {
      if (missed[side]) continue;
      const miss = await rangeDoubt(pair[side], source, ranges[side], `--range-${side}`);
      if (miss !== null) log(`warning: ${pair.stem}: ${miss}`);
      missed[side] = miss !== null;
    }
  };
}
