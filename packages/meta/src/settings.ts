import { expectInteger, expectOneOf, expectPositive, isRecord, kindOf, OptionError } from '@refusion/core';

/** How P is updated: a step against the gradient divided by its largest entry (the authors'), or Adam. */
export const OUTER_UPDATES = ['normalised', 'adam'] as const;
export type OuterUpdate = (typeof OUTER_UPDATES)[number];

/** A training's schedule. The defaults are the authors' settings; where they say a pass over a set, 600 steps stand here. */
export interface TrainingSettings {
  /** Default 50. */
  readonly epochs: number;
  /** Meta-steps in an epoch; they come first. Default 600. */
  readonly metaSteps: number;
  /** Fusion updates in an epoch, after its meta-steps. Default 600. */
  readonly fusionSteps: number;
  /** Inner steps of a meta-step. Default 1. */
  readonly innerSteps: number;
  /** Meta-steps whose gradients are averaged into one update of P. Default 2. */
  readonly accumulate: number;
  /** The learning rate of the first epochs, for F and the objective's network. Default 1e-4. */
  readonly rate: number;
  /** That of P; null (the default) takes `rate`. Decays with it. */
  readonly outerRate: number | null;
  /** The inner step size; null (the default) takes the learning rate of the epoch. */
  readonly eta: number | null;
  /** The learning rate is multiplied by `decay` after every `decayEvery` epochs. Defaults 0.1 and 10. */
  readonly decay: number;
  readonly decayEvery: number;
  /** Default `normalised`. */
  readonly outerUpdate: OuterUpdate;
}

export const PAPER_SETTINGS: TrainingSettings = {
  epochs: 50,
  metaSteps: 600,
  fusionSteps: 600,
  innerSteps: 1,
  accumulate: 2,
  rate: 1e-4,
  outerRate: null,
  eta: null,
  decay: 0.1,
  decayEvery: 10,
  outerUpdate: 'normalised',
};

/**
 * Fills in the defaults.
 * @throws OptionError naming the field that does not fit, or that there is none
 */
export function trainingSettings(settings: Partial<TrainingSettings> = {}): TrainingSettings {
  expectSettings(settings);
  const full = { ...PAPER_SETTINGS, ...settings };
  expectInteger('training', 'epochs', full.epochs, 1);
  expectInteger('training', 'metaSteps', full.metaSteps, 0);
  expectInteger('training', 'fusionSteps', full.fusionSteps, 0);
  expectInteger('training', 'innerSteps', full.innerSteps, 1);
  expectInteger('training', 'accumulate', full.accumulate, 1);
  expectInteger('training', 'decayEvery', full.decayEvery, 1);
  expectPositive('training', 'rate', full.rate);
  expectPositive('training', 'decay', full.decay);
  if (full.eta !== null) expectPositive('training', 'eta', full.eta);
  if (full.outerRate !== null) expectPositive('training', 'outerRate', full.outerRate);
  expectOneOf('training', 'outerUpdate', full.outerUpdate, OUTER_UPDATES);
  return full;
}

function expectSettings(settings: unknown): void {
  if (!isRecord(settings)) {
    throw new OptionError(`training: the settings must be a record, got ${kindOf(settings)}`);
  }
  const unknown = Object.keys(settings).find((name) => !Object.hasOwn(PAPER_SETTINGS, name));
  if (unknown === undefined) return;
  const names = Object.keys(PAPER_SETTINGS).join(', ');
  throw new OptionError(`training: there is no setting "${unknown}", choose from ${names}`);
}

/** The learning rate of an epoch, counted from 0. */
export function rateOf(settings: TrainingSettings, epoch: number): number {
  return settings.rate * settings.decay ** Math.floor(epoch / settings.decayEvery);
}

/** P's learning rate, given that of the epoch. */
export function outerRateOf(settings: TrainingSettings, rate: number): number {
  return settings.outerRate === null ? rate : (settings.outerRate * rate) / settings.rate;
}
