import type { TrainingPosition, TrainingSettings } from '@refusion/meta';

/** The updates of an epoch, meta-steps and fusion updates together. */
export function updatesOf({ metaSteps, fusionSteps }: TrainingSettings): number {
  return metaSteps + fusionSteps;
}

/** The updates made up to a position, from the training's start. */
export function updatesAt({ epoch, phase, step }: TrainingPosition, settings: TrainingSettings): number {
  return epoch * updatesOf(settings) + (phase === 'fusion' ? settings.metaSteps : 0) + step;
}

/** How many of so many updates, from the training's start, are meta-steps, and how many fusion updates. */
export function partsOfUpdates(
  updates: number,
  settings: TrainingSettings,
): { readonly metaSteps: number; readonly fusionUpdates: number } {
  const epoch = updatesOf(settings);
  const metaSteps =
    Math.floor(updates / epoch) * settings.metaSteps + Math.min(updates % epoch, settings.metaSteps);
  return { metaSteps, fusionUpdates: updates - metaSteps };
}
