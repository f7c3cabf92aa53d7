import type { Engine } from '@refusion/autodiff';
import { FileError } from '@refusion/core';
import type { FusionLoss } from '@refusion/losses';
import type { TrainingEvent, TrainingSettings, TrainingState } from '@refusion/meta';
import { updatesAt, updatesOf } from '../updates.js';
import { ViewFolder, type ViewSubject } from './view-folder.js';
import { middleOf, viewPictures } from './view-pictures.js';

export interface PreviewOptions {
  readonly engine: Engine;
  readonly loss: FusionLoss;
  readonly settings: TrainingSettings;
  /** The updates between two snapshots. */
  readonly every: number;
  /** Says something to the user, such as that the folder cannot be written: the training goes on without. */
  readonly warn: (sentence: string) => void;
}

/** Looks at a fixed pair through the networks while they are trained. */
export interface Preview {
  observe(event: TrainingEvent): Promise<void>;
}

/**
 * Writes a run's `view` folder: a snapshot of the start, every so many updates, and at the end of every epoch. It draws
 * no random numbers and leaves no tensors, so that a training with it gives the same weights as one without.
 * @param start the state that the training starts from
 * @throws FileError if the folder cannot be made
 */
export async function openPreview(
  run: string,
  subject: Pick<ViewSubject, 'name' | 'pair'>,
  start: TrainingState,
  { engine, loss, settings, every, warn }: PreviewOptions,
): Promise<Preview> {
  const { epochs } = settings;
  const pair = middleOf(subject.pair);
  const whole: ViewSubject = { name: subject.name, pair, updates: updatesOf(settings) * epochs, epochs };
  const folder = await ViewFolder.open(run, whole, updatesAt(start.position, settings));
  let working = true;
  const look = async ({ theta, position }: TrainingState): Promise<void> => {
    const update = updatesAt(position, settings);
    if (!working || update <= folder.newest) return;
    try {
      const epoch = Math.ceil(update / updatesOf(settings));
      await folder.add(update, epoch, await viewPictures(engine, theta, loss, pair));
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      working = false;
      warn(`no more pictures of the training: ${error.message}`);
    }
  };
  // A training that goes on has been looked at: its looks come when they would have come without the stop.
  if (folder.newest < 0) await look(start);
  return {
    observe: async ({ type, state }) => {
      if (type === 'epoch-end' || updatesAt(state.position, settings) % every === 0) await look(state);
    },
  };
}
