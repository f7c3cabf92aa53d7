import { RefusionError } from '@refusion/core';

/** Which step of a training something is about. Numbers count from 0. */
export interface StepPlace {
  readonly epoch: number;
  readonly step: number;
  /** What the pairs of its batches are called, as far as the batches say. */
  readonly pairs: readonly string[];
}

/** A loss or a gradient is not a finite number any more; the step has been rolled back. */
export class DivergedError extends RefusionError {
  override readonly name = 'DivergedError';
  readonly place: StepPlace;

  /** @param what such as `the fusion loss` */
  constructor(what: string, value: number, place: StepPlace) {
    const { epoch, step, pairs } = place;
    const where = [`epoch ${epoch + 1}, step ${step + 1}`, ...namesOf(pairs)].join(', ');
    super(`train: ${what} became ${value} in ${where}: lower the learning rate or the inner step size`);
    this.place = place;
  }
}

function namesOf(pairs: readonly string[]): string[] {
  return pairs.length === 0 ? [] : [`on the pairs ${[...new Set(pairs)].join(', ')}`];
}
