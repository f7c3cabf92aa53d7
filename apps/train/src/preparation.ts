import { OptionError, type Rng, rng } from '@refusion/core';
import type { TrainingSettings } from '@refusion/meta';
import { type FixedPair, type TrainingData, trainingData } from './batches.js';
import type { Checkpoint, DamageError } from './checkpoint-file.js';
import { Checkpoints } from './checkpoints.js';
import type { TrainConfig } from './config.js';
import type { TrainingOptions } from './options.js';
import { goingOn } from './resume.js';
import { settingsOf } from './schedule.js';

/** What is known of a training before it has an engine, and before anything of it is written. */
export interface Preparation {
  readonly checkpoints: Checkpoints;
  /** What it goes on from; null at the beginning. */
  readonly checkpoint: Checkpoint | null;
  readonly damaged: readonly DamageError[];
  readonly data: TrainingData;
  readonly settings: TrainingSettings;
  /** The pair to look at; null where nobody wants to look. */
  readonly fixed: FixedPair | null;
  /** What is to be told before the training begins, a line each. */
  readonly notes: string[];
  readonly random: Rng;
  /** What messages call a setting. */
  readonly label: (setting: string) => string;
}

/**
 * Reads what a training starts from: the newest checkpoint, where it is to go on, and every pair once.
 * @throws RefusionError if something is wrong with the data, the folder or the configuration; the reason of
 * `options.stop` once it is aborted
 */
export async function prepare(config: TrainConfig, options: TrainingOptions): Promise<Preparation> {
  const { out, resume, stop, view, label = inCode, quiet = false } = options;
  const notes = [...(options.notes ?? [])];
  const checkpoints = new Checkpoints(out);
  const { checkpoint = null, damaged = [] } = (resume && (await checkpoints.newest())) || {};
  for (const { message } of damaged) notes.push(`${message}; going on from the checkpoint before it`);
  if (checkpoint) notes.push(...goingOn(out, checkpoint, config));
  const random = rng(config.seed);
  const data = await trainingData(config, random.fork('data'), { label, quiet, ...(stop && { stop }) });
  if (checkpoint) expectSamePairs(out, checkpoint, data);
  const settings = settingsOf(config, data, label);
  const fixed = view ? await data.fixedPair(view.pair) : null;
  stop?.throwIfAborted();
  return { checkpoints, checkpoint, damaged, data, settings, fixed, notes, random, label };
}

const inCode = (setting: string): string => `runTraining: ${setting === 'watchPair' ? 'view.pair' : setting}`;

/** @throws OptionError if the pairs are not those that the checkpoint has seen */
function expectSamePairs(out: string, { pairs }: Checkpoint, { mark }: TrainingData): void {
  if (pairs.sha256 === mark.sha256) return;
  throw new OptionError(
    `${out}: cannot go on with other pairs than it began with (${pairs.count} then, ${mark.count} now, by name and size); restore them, or begin another run`,
  );
}
