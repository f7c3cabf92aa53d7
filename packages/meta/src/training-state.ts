import type { Engine, Ops, Tensor } from '@refusion/autodiff';
import {
  expectInteger,
  expectOneOf,
  expectTensors,
  mapParams,
  OptionError,
  type Params,
} from '@refusion/core';
import { expectNames } from './expect-parts.js';
import { type FusionOptimisers, fusionOptimisers } from './fusion-update.js';
import type { Theta } from './learner.js';
import { type AdamState, adamState } from './optimisers.js';
import type { TrainingSettings } from './settings.js';
import type { StreamStates } from './stream.js';

/** The parts of an epoch, in their order. */
export const PHASES = ['meta', 'fusion'] as const;
export type Phase = (typeof PHASES)[number];

const THETA = ['fusion', 'proposal', 'objective'] as const;

/** What a training does next. All numbers count from 0. */
export type TrainingPosition = {
  readonly epoch: number;
  readonly phase: Phase;
  /** Within the phase; as many as the phase has where the next thing is the phase after it. */
  readonly step: number;
};

/** Everything that changes while training. */
export interface TrainingState {
  readonly theta: Theta;
  /** Adam's moments of F and of the objective's network. */
  readonly optimisers: FusionOptimisers;
  /** Adam's moments of P; normalised updates leave them alone. */
  readonly proposal: AdamState;
  /** The sum of P's gradients since its last update, and of how many meta-steps. */
  readonly pending: { readonly gradient: Params<Tensor>; readonly count: number };
  readonly position: TrainingPosition;
  /** Where the streams of batches are, their random state included; null: wherever they happen to be. */
  readonly streams: StreamStates | null;
}

/**
 * The state that a training starts from: moments and gradients of zero, streams as they are.
 * @throws OptionError unless theta has three records of tensors
 */
export function initialState(ops: Ops, theta: Theta): TrainingState {
  expectTheta('initialState', 'theta', theta);
  return {
    theta,
    optimisers: fusionOptimisers(ops, theta),
    proposal: adamState(ops, theta.proposal),
    pending: { gradient: zerosLike(ops, theta.proposal), count: 0 },
    position: { epoch: 0, phase: 'meta', step: 0 },
    streams: null,
  };
}

/** The records of tensors in a state: the parameters, and Adam's moments and P's pending gradient, of the same names. */
export function partsOf(state: TrainingState): Record<string, Params<Tensor>> {
  const { theta, optimisers, proposal, pending } = state;
  return {
    fusion: theta.fusion,
    'fusion-m': optimisers.fusion.m,
    'fusion-v': optimisers.fusion.v,
    objective: theta.objective,
    'objective-m': optimisers.objective.m,
    'objective-v': optimisers.objective.v,
    proposal: theta.proposal,
    'proposal-m': proposal.m,
    'proposal-v': proposal.v,
    'proposal-pending': pending.gradient,
  };
}

/** @throws OptionError unless it has the parts of a state */
export function expectState(state: TrainingState): void {
  expectNames('train', 'state', state, ['theta', 'optimisers', 'proposal', 'pending', 'position']);
  expectTheta('train', 'state.theta', state.theta);
}

function expectTheta(where: string, name: string, theta: Theta): void {
  expectNames(where, name, theta, THETA);
  for (const part of THETA) expectTensors(where, `${name}.${part}`, theta[part]);
}

/** Frees every tensor of a state that nothing will go on from. */
export function releaseState(engine: Engine, state: TrainingState): void {
  engine.release(partsOf(state));
}

/** Zeros of the shapes of parameters. */
export function zerosLike(ops: Ops, params: Params<Tensor>): Params<Tensor> {
  return ops.scope(() => mapParams((x: Tensor) => ops.zeros(x.shape), params));
}

/** @throws OptionError if a training of these settings never is at this position */
export function expectPosition(position: TrainingPosition, settings: TrainingSettings): void {
  expectInteger('train', 'position.epoch', position.epoch, 0);
  expectInteger('train', 'position.step', position.step, 0);
  expectOneOf('train', 'position.phase', position.phase, PHASES);
  const steps = position.phase === 'meta' ? settings.metaSteps : settings.fusionSteps;
  if (position.step <= steps) return;
  throw new OptionError(
    `train: position.step must be at most ${steps}, the steps of the ${position.phase} phase, got ${position.step}`,
  );
}
