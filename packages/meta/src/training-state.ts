import type { Ops, Tensor } from '@refusion/autodiff';
import { mapParams, type Params } from '@refusion/core';
import { type FusionOptimisers, fusionOptimisers } from './fusion-update.js';
import type { Theta } from './learner.js';
import { type AdamState, adamState } from './optimisers.js';

/** Everything that changes while training. */
export interface TrainingState {
  readonly theta: Theta;
  /** Adam's moments of F and of the objective's network. */
  readonly optimisers: FusionOptimisers;
  /** Adam's moments of P; normalised updates leave them alone. */
  readonly proposal: AdamState;
  /** The sum of P's gradients since its last update, and of how many meta-steps. */
  readonly pending: { readonly gradient: Params<Tensor>; readonly count: number };
}

/** The state that a training starts from: moments and gradients of zero. */
export function initialState(ops: Ops, theta: Theta): TrainingState {
  return {
    theta,
    optimisers: fusionOptimisers(ops, theta),
    proposal: adamState(ops, theta.proposal),
    pending: { gradient: zerosLike(ops, theta.proposal), count: 0 },
  };
}

/** Zeros of the shapes of parameters. */
export function zerosLike(ops: Ops, params: Params<Tensor>): Params<Tensor> {
  return ops.scope(() => mapParams((x: Tensor) => ops.zeros(x.shape), params));
}
