import type { Engine } from '@refusion/autodiff';
import { RefusionError } from '@refusion/core';
import {
  DivergedError,
  type TrainingSettings,
  type TrainingState,
  type TrainingTask,
  train,
} from '@refusion/meta';
import { MemoryError } from '@refusion/tf';
import type { CheckpointKeeper } from './checkpoint-keeper.js';
import type { TrainingObserver } from './observer.js';
import { updatesAt } from './updates.js';

/** A training that is about to begin, or to go on. */
export interface Journey {
  readonly engine: Engine;
  readonly task: TrainingTask;
  readonly settings: TrainingSettings;
  /** What it starts from, and then the newest state: the caller's to free, however the training ends. */
  readonly held: { state: TrainingState };
  /** Told of every event, in this order; the keeper comes after them. */
  readonly observers: readonly TrainingObserver[];
  readonly keeper: CheckpointKeeper;
  /** Aborted when somebody asks to stop. */
  readonly stop?: AbortSignal;
  /** Of the part of the training that came before. */
  readonly secondsBefore: number;
  /** Such as `--out runs/first --resume`. */
  readonly howToGoOn: string;
  readonly seed: number;
  /** The setting with which a training needs less memory, as messages call it; null where it is on. */
  readonly lessMemory: string | null;
}

/** How far a training came. */
export interface Arrival {
  readonly updates: number;
  readonly seconds: number;
  /** Somebody asked it to stop; it is saved. */
  readonly stopped: boolean;
}

/**
 * Trains to the end, or until somebody asks to stop. Whatever ends it early, the last good state is saved first.
 * @throws RefusionError that says what went wrong, what is saved and how to go on
 */
export async function follow(journey: Journey): Promise<Arrival> {
  const { engine, task, settings, held, observers, keeper, stop } = journey;
  const began = performance.now();
  const seconds = (): number => journey.secondsBefore + Math.round(performance.now() - began) / 1000;
  let stopped = false;
  try {
    for await (const event of train(engine, task, settings, held.state)) {
      held.state = event.state;
      const memory = process.memoryUsage.rss();
      const extras = { seconds: seconds(), tensors: engine.tensorCount(), memory };
      for (const observer of [...observers, keeper]) await observer.event(event, extras);
      // Signals are seen between two turns of the event loop, and a step of a fast engine may need none.
      await new Promise(setImmediate);
      stopped = stop?.aborted ?? false;
      if (stopped) break;
    }
    if (stopped) await keeper.save(held.state);
  } catch (error) {
    throw await rescued(error, journey);
  }
  return { updates: updatesAt(held.state.position, settings), seconds: seconds(), stopped };
}

/** The error with a sentence about what is saved, after saving what can be saved. */
async function rescued(error: unknown, journey: Journey): Promise<unknown> {
  const { keeper, seed, settings, howToGoOn, lessMemory } = journey;
  const { state } = journey.held;
  const updates = updatesAt(state.position, settings);
  // The very beginning is not worth a checkpoint, which would only stand in the way of other settings.
  const saving = updates > 0 ? keeper.save(state) : Promise.resolve();
  const problem = await saving.then(
    () => null,
    (second: Error) => second,
  );
  if (!(error instanceof RefusionError)) return error;
  const saved =
    keeper.saved === null
      ? 'nothing was saved yet'
      : `the training is saved up to update ${keeper.saved}, go on with ${howToGoOn}`;
  const less =
    error instanceof MemoryError && lessMemory
      ? `, or ${lessMemory}, which needs half of the memory or less`
      : '';
  const chance = error instanceof DivergedError ? `; seed ${seed}` : '';
  // What kept the last updates from being saved may be the error itself.
  const lost =
    problem && keeper.saved !== updates && problem.message !== error.message
      ? `; update ${updates} could not be saved: ${problem.message}`
      : '';
  return new RefusionError(`${error.message}${less}${chance}; ${saved}${lost}`, { cause: error });
}
