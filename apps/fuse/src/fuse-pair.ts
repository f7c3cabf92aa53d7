import { join } from 'node:path';
import { type Pair, type PairRanges, readPair } from '@refusion/data/node';
import { writeNpy, writePng } from '@refusion/image-io/node';
import type { Fuse, Tone } from '@refusion/pipeline';
import type { MemoryBudget } from './memory.js';
import { rangeDoubt } from './range-doubt.js';
import { roleDoubt, type TaskName } from './tasks.js';

export interface FusePairOptions {
  /** The folder for results; it must exist. */
  readonly out: string;
  /** Whether to write the network's output beside each picture. */
  readonly raw: boolean;
  readonly tone: Tone;
  readonly ranges: PairRanges;
  /** What the sources are, where it is known. */
  readonly task: TaskName | null;
  /** The memory for evaluating a pair. */
  readonly budget: MemoryBudget;
}

/** A pair that was fused. */
export interface FusedPair {
  readonly stem: string;
  readonly width: number;
  readonly height: number;
  /** The picture's path. */
  readonly file: string;
  /** The path of the network's output; `null` where it was not asked for. */
  readonly raw: string | null;
  /** From reading the sources to having written the results. */
  readonly seconds: number;
}

/** Where a pair's fuser tells what happens meanwhile. */
export interface Told {
  /** Something odd, in a line. */
  readonly log: (line: string) => void;
  /** How much of a picture that is evaluated in strips is done, from 0 to 1. */
  readonly share?: (share: number) => void;
}

/** Reads, fuses and writes one pair. */
export type PairFuser = (pair: Pair, told: Told) => Promise<FusedPair>;

/**
 * Fuses pairs by a network. That sources look exchanged, or that a range misses them, is said once: in a folder, all would.
 */
export function pairFuser(fuse: Fuse, { out, raw, tone, ranges, task, budget }: FusePairOptions): PairFuser {
  let doubted = task === null;
  const missed = { a: false, b: false };
  return async (pair, { log, share }) => {
    const start = performance.now();
    const { a, b } = await readPair(pair, ranges);
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
    const onStrip = share && ((done: number, total: number): void => share(done / total));
    const fused = await fuse(a, b, { tone, memory: budget(a, b), onStrip });
    const [height, width] = fused.gray.shape;
    const file = join(out, `${pair.stem}.png`);
    const rawFile = raw ? join(out, `${pair.stem}.npy`) : null;
    if (rawFile !== null) await writeNpy(rawFile, fused.raw);
    await writePng(file, fused.color ?? fused.gray);
    const seconds = (performance.now() - start) / 1000;
    return { stem: pair.stem, width, height, file, raw: rawFile, seconds };
  };
}
