import { isAbsolute, join } from 'node:path';
import { OptionError, RefusionError, type Rng } from '@refusion/core';
import { batchStream, type GrayPair, type PairSource, splitHalves, syntheticSource } from '@refusion/data';
import { folderSource, listPairs } from '@refusion/data/node';
import type { TrainingTask } from '@refusion/meta';
import type { TrainConfig } from './config.js';

export interface TrainingData {
  readonly batches: TrainingTask['batches'];
  /** What the folders hold that could not be used, one sentence each. */
  readonly problems: readonly string[];
  readonly pairs: number;
  /** Pairs in the meta-train half. */
  readonly metaTrain: number;
  /**
   * A pair to look at: the named one, or the first of the meta-test half.
   * @throws OptionError if no pair that can be used has the name
   */
  fixedPair(name: string | null): Promise<FixedPair>;
}

/** A pair to look at while training. */
export interface FixedPair {
  readonly name: string;
  readonly pair: GrayPair;
}

/** The pairs of a training, split into a meta-train and a meta-test half; fusion updates see all of them. */
export async function trainingData(config: TrainConfig, rng: Rng): Promise<TrainingData> {
  const opened = await openSource(config);
  const { usable, unusable } = await checkedPairs(opened.source, config.crop);
  if (usable.length < 2) {
    const problems = [...opened.problems, ...unusable];
    throw new OptionError(
      `${config.data}: training needs at least 2 pairs, one to meta-train and one to meta-test on, got ${usable.length}${problems[0] ? `; the first that cannot be used: ${problems[0]}` : ''}`,
    );
  }
  if (config.batch > usable.length) {
    throw new OptionError(
      `--batch must be at most the number of pairs, ${usable.length}, got ${config.batch}`,
    );
  }
  const halves = splitHalves(usable.length, rng.fork('halves'));
  const [metaTrain, metaTest] = halves.map((half) => half.map((i) => usable[i] as number)) as [
    number[],
    number[],
  ];
  const stream = (name: string, indices: readonly number[]) =>
    batchStream(opened.source, indices, {
      batch: config.batch,
      crop: config.crop,
      exchange: config.exchange,
      rng: rng.fork(name),
    });
  return {
    batches: {
      metaTrain: stream('meta-train', metaTrain),
      metaTest: stream('meta-test', metaTest),
      fusionTrain: stream('fusion-train', usable),
    },
    problems: [...opened.problems, ...unusable],
    pairs: usable.length,
    metaTrain: metaTrain.length,
    fixedPair: async (name) => {
      const index = name === null ? metaTest[0] : usable.find((i) => opened.source.name(i) === name);
      if (index === undefined) {
        const some = usable.slice(0, 3).map((i) => `"${opened.source.name(i)}"`);
        throw new OptionError(
          `--watch-pair must be the name of a pair, such as ${some.join(', ')}, got "${name}"`,
        );
      }
      return { name: opened.source.name(index), pair: await opened.source.pair(index) };
    },
  };
}

/** Reads every pair once, so that a picture that cannot be used is named now and not hours into the training. */
async function checkedPairs(
  source: PairSource,
  crop: number,
): Promise<{ usable: number[]; unusable: string[] }> {
  const usable: number[] = [];
  const unusable: string[] = [];
  for (let i = 0; i < source.length; i++) {
    try {
      const { a } = await source.pair(i);
      const [height, width] = a.shape as [number, number];
      if (Math.min(height, width) >= crop) usable.push(i);
      else
        unusable.push(
          `"${source.name(i)}" has ${width}x${height} pixels, less than the crop of ${crop}x${crop}`,
        );
    } catch (error) {
      if (!(error instanceof RefusionError)) throw error;
      unusable.push(error.message);
    }
  }
  return { usable, unusable };
}

async function openSource(config: TrainConfig): Promise<{ source: PairSource; problems: string[] }> {
  if (config.data === 'synthetic') {
    const { task, scenes: count, seed } = config;
    // Larger than the crop, so that crops of one scene differ; and a scene needs room for its things.
    const side = Math.max(2 * config.crop, 128);
    return { source: syntheticSource({ task, count, height: side, width: side, seed }), problems: [] };
  }
  const { pairs, problems } = await listPairs(sourceFolders(config));
  return { source: folderSource(pairs), problems: problems.map(({ message }) => message) };
}

/** The folders of the sources. */
export function sourceFolders(config: TrainConfig): { a: string; b: string } {
  const below = (folder: string): string => (isAbsolute(folder) ? folder : join(config.data, folder));
  return { a: below(config.a as string), b: below(config.b as string) };
}
