import { join } from 'node:path';
import type { Engine } from '@refusion/autodiff';
import type { Progress } from '@refusion/cli';
import { FUSION_LOSSES } from '@refusion/losses';
import type { TrainingState } from '@refusion/meta';
import type { TrainConfig } from './config.js';
import { type EventLog, openLog } from './event-log.js';
import type { TrainingObserver } from './observer.js';
import type { TrainingOptions } from './options.js';
import type { Preparation } from './preparation.js';
import { progressLine } from './progress-line.js';
import { LOG_FILE } from './run-folder.js';
import { LossTrend } from './trend.js';
import { openView } from './view.js';
import { saveWeights } from './weights.js';

/** A training whose observers are to be set up. */
export interface Watched extends Pick<Preparation, 'checkpoint' | 'settings' | 'fixed'> {
  readonly config: TrainConfig;
  readonly engine: Engine;
  readonly options: TrainingOptions;
  readonly start: TrainingState;
  readonly bar: Progress;
}

/** The places from which a training is watched, and what they know of its part before. */
export interface Observers {
  /** Each is told of every event, in this order. */
  readonly all: readonly TrainingObserver[];
  readonly log: EventLog;
  readonly trend: LossTrend;
  readonly secondsBefore: number;
}

/**
 * Opens what watches a training: the log, the progress, the weight files, the view, and the caller's own.
 * @throws FileError or OptionError if one cannot be opened; nothing stays open then
 */
export async function openObservers(watched: Watched): Promise<Observers> {
  const { config, engine, options, checkpoint, settings, bar } = watched;
  const { out } = options;
  const trend = new LossTrend();
  let secondsBefore = 0;
  const log = await openLog(join(out, LOG_FILE), checkpoint?.logBytes ?? 0, (line) => {
    trend.add(line);
    secondsBefore = line.numbers.get('seconds') ?? secondsBefore;
  });
  try {
    const all = [
      log,
      trend,
      progressLine(bar, settings, secondsBefore),
      weightsWriter(out, config, engine),
      ...(await viewOf(watched)),
      ...(options.observers ?? []),
    ];
    return { all, log, trend, secondsBefore };
  } catch (error) {
    await closeAll([log]).catch(() => {});
    throw error;
  }
}

/** Closes all, one after the other, whichever fails. @throws what the first one that failed threw */
export async function closeAll(observers: readonly TrainingObserver[]): Promise<void> {
  const failures: unknown[] = [];
  for (const observer of observers) {
    try {
      await observer.close?.();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

/** The observer that makes pictures of the fixed pair and serves the page; none where nobody wants to look. */
async function viewOf(watched: Watched): Promise<TrainingObserver[]> {
  const { config, options, fixed, settings, engine, start, bar } = watched;
  if (!options.view || !fixed) return [];
  const loss = FUSION_LOSSES[config.loss];
  return [await openView(options.out, options.view, fixed, start, { engine, loss, settings, warn: bar.log })];
}

function weightsWriter(out: string, config: TrainConfig, engine: Engine): TrainingObserver {
  return {
    event: async ({ type, epoch, state }) => {
      if (type === 'epoch-end') await saveWeights(out, config, engine, state.theta, epoch + 1);
    },
  };
}
