import { isAbsolute, join } from 'node:path';
import { OptionError, RefusionError, type Rng } from '@refusion/core';
import { batchStream, type PairSource, splitHalves, syntheticSource } from '@refusion/data';
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
