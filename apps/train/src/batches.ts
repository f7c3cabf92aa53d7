import { createHash } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { progress } from '@refusion/cli';
import { OptionError, RefusionError, type Rng } from '@refusion/core';
import {
  type BatchStream,
  batchStream,
  type GrayPair,
  type PairSource,
  splitHalves,
  syntheticSource,
} from '@refusion/data';
import { folderSource, listPairs } from '@refusion/data/node';
import type { TrainingTask } from '@refusion/meta';
import type { PairsMark } from './checkpoint-file.js';
import type { TrainConfig } from './config.js';
import type { Layer } from './configure.js';

export interface TrainingData {
  readonly batches: TrainingTask['batches'];
  /** What the folders hold that could not be used, one sentence each. */
  readonly problems: readonly string[];
  readonly pairs: number;
  /** The share of the pairs that inner updates see in a pass. */
  readonly metaTrain: number;
  /** Tells these pairs from others. */
  readonly mark: PairsMark;
  /**
   * A pair to look at: the named one, or the first of those to meta-test on.
   * @throws OptionError if no pair that can be used has the name
   */
  fixedPair(name: string | null): Promise<FixedPair>;
}

/** A pair to look at while training. */
export interface FixedPair {
  readonly name: string;
  readonly pair: GrayPair;
}

export interface DataOptions {
  readonly label: Layer['label'];
  readonly quiet: boolean;
  /** Aborted to end the reading of the pairs. */
  readonly stop?: AbortSignal;
}

/** The pairs of a training, split between meta-train and meta-test; fusion updates see all of them. */
export async function trainingData(
  config: TrainConfig,
  rng: Rng,
  { label, quiet, stop }: DataOptions,
): Promise<TrainingData> {
  const opened = await openSource(config, label);
  const { usable, unusable, mark } = await checkedPairs(opened.source, config.crop, quiet, stop);
  if (usable.length < 2) {
    const problems = [...opened.problems, ...unusable];
    throw new OptionError(
      `${config.data}: training needs at least 2 pairs, one to meta-train and one to meta-test on, got ${usable.length}${problems[0] ? `; the first that cannot be used: ${problems[0]}` : ''}`,
    );
  }
  if (config.batch > usable.length) {
    throw new OptionError(
      `${label('batch')} must be at most the number of pairs, ${usable.length}, got ${config.batch}`,
    );
  }
  const { batch, crop, symmetries, exchange } = config;
  const stream = (name: string, indices: readonly number[]): BatchStream =>
    batchStream(opened.source, indices, { batch, crop, symmetries, exchange, rng: rng.fork(name) });
  const [metaTrain, metaTest] = metaPairs(config, usable, rng);
  const shared = config.split === 'alternate' ? stream('meta', usable) : null;
  return {
    batches: {
      // One stream for both: its batches alternate.
      metaTrain: shared ?? stream('meta-train', metaTrain),
      metaTest: shared ?? stream('meta-test', metaTest),
      fusionTrain: stream('fusion-train', usable),
    },
    problems: [...opened.problems, ...unusable],
    pairs: usable.length,
    metaTrain: Math.ceil(usable.length / 2),
    mark,
    fixedPair: (name) => fixedPair(opened.source, usable, metaTest[0] as number, name, label),
  };
}

/** The pairs to meta-train and to meta-test on: halves by a seeded shuffle, or all of them for both. */
function metaPairs(
  { split }: TrainConfig,
  usable: readonly number[],
  rng: Rng,
): [train: readonly number[], test: readonly number[]] {
  if (split === 'alternate') return [usable, usable];
  const [train, test] = splitHalves(usable.length, rng.fork('halves'));
  const numbers = (half: readonly number[]): number[] => half.map((i) => usable[i] as number);
  return [numbers(train), numbers(test)];
}

async function fixedPair(
  source: PairSource,
  usable: readonly number[],
  first: number,
  name: string | null,
  label: Layer['label'],
): Promise<FixedPair> {
  const index = name === null ? first : usable.find((i) => source.name(i) === name);
  if (index === undefined) {
    const some = usable.slice(0, 3).map((i) => `"${source.name(i)}"`);
    throw new OptionError(
      `${label('watchPair')} must be the name of a pair, such as ${some.join(', ')}, got "${name}"`,
    );
  }
  return { name: source.name(index), pair: await source.pair(index) };
}

/** Larger scenes take minutes each to draw, and a dozen pictures of their size in memory. */
const MOST_SYNTHETIC_CROP = 1024;

/** Reads every pair once, so that a picture that cannot be used is named now and not hours into the training. */
async function checkedPairs(
  source: PairSource,
  crop: number,
  quiet: boolean,
  stop?: AbortSignal,
): Promise<{ usable: number[]; unusable: string[]; mark: PairsMark }> {
  const usable: number[] = [];
  const unusable: string[] = [];
  const hash = createHash('sha256');
  const bar = progress({ label: 'pairs', total: source.length, quiet });
  try {
    for (let i = 0; i < source.length; i++) {
      stop?.throwIfAborted();
      const found = await usableSize(source, i, crop);
      if (typeof found === 'string') unusable.push(found);
      else {
        usable.push(i);
        hash.update(JSON.stringify([source.name(i), ...found]));
      }
      bar.step();
      // Scenes are drawn in this thread, without ever waiting for anything: so that Ctrl+C is heard.
      await setImmediate();
    }
  } finally {
    bar.stop();
  }
  return { usable, unusable, mark: { count: usable.length, sha256: hash.digest('hex') } };
}

/** The height and width of a pair's pictures; or why it cannot be used. */
async function usableSize(
  source: PairSource,
  index: number,
  crop: number,
): Promise<[height: number, width: number] | string> {
  try {
    const [height, width] = (await source.pair(index)).a.shape as [number, number];
    if (Math.min(height, width) >= crop) return [height, width];
    return `the pair "${source.name(index)}" has ${width}x${height} pixels, less than the crop of ${crop}x${crop}`;
  } catch (error) {
    if (!(error instanceof RefusionError)) throw error;
    return error.message;
  }
}

async function openSource(
  config: TrainConfig,
  label: Layer['label'],
): Promise<{ source: PairSource; problems: string[] }> {
  if (config.data === 'synthetic') {
    if (config.crop > MOST_SYNTHETIC_CROP) {
      throw new OptionError(
        `${label('crop')} must be at most ${MOST_SYNTHETIC_CROP} for synthetic scenes, which are drawn twice as large, got ${config.crop}`,
      );
    }
    const { task, scenes: count, seed } = config;
    // Larger than the crop, so that crops of one scene differ; and a scene needs room for its things.
    const side = Math.max(2 * config.crop, 128);
    return { source: syntheticSource({ task, count, height: side, width: side, seed }), problems: [] };
  }
  const { pairs, problems } = await listPairs(sourceFolders(config));
  return {
    source: folderSource(pairs, { cacheBytes: config.cache * 1e6 }),
    problems: problems.map(({ message }) => message),
  };
}

/** The folders of the sources. */
export function sourceFolders(config: TrainConfig): { a: string; b: string } {
  const below = (folder: string): string => (isAbsolute(folder) ? folder : join(config.data, folder));
  return { a: below(config.a as string), b: below(config.b as string) };
}
