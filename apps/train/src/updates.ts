import type { TrainingPosition, TrainingSettings } from '@refusion/meta';

/** The updates of an epoch, meta-steps and fusion updates together. */
export function updatesOf({ metaSteps, fusionSteps }: TrainingSettings): number {
  return metaSteps + fusionSteps;
}

/** The updates made up to a position, from the training's start. */
export function updatesAt({ epoch, phase, step }: TrainingPosition, settings: TrainingSettings): number {
  return epoch * updatesOf(settings) + (phase === 'fusion' ? settings.metaSteps : 0) + step;
}
