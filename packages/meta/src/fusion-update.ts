import type { Ops } from '@refusion/autodiff';
import { type BatchGradients, batchGradients } from './inner-update.js';
import type { Batch, Learner, Theta } from './learner.js';
import { type AdamOptions, type AdamState, adam, adamState } from './optimisers.js';

/** Adam's moments of F and of the objective's network. */
export type FusionOptimisers = { readonly fusion: AdamState; readonly objective: AdamState };

/** Moments of zero. */
export function fusionOptimisers(ops: Ops, theta: Theta): FusionOptimisers {
  return { fusion: adamState(ops, theta.fusion), objective: adamState(ops, theta.objective) };
}

export type FusionUpdate = {
  readonly gradients: BatchGradients;
  readonly updated: Pick<Theta, 'fusion' | 'objective'>;
  readonly optimisers: FusionOptimisers;
};

/**
 * The fusion and reconstruction update: Adam on F with L_f, P frozen, and on the objective's own network, I_f held
 * fixed.
 *
 * @see ReFusion (Bai et al., IJCV 2024), the fusion phase
 */
export function fusionUpdate(
  ops: Ops,
  learner: Learner,
  theta: Theta,
  optimisers: FusionOptimisers,
  batch: Batch,
  options: AdamOptions,
): FusionUpdate {
  return fusionUpdateBy(ops, theta, optimisers, batchGradients(ops, learner, theta, batch), options);
}

/** The fusion update by gradients that are known. */
export function fusionUpdateBy(
  ops: Ops,
  theta: Theta,
  optimisers: FusionOptimisers,
  gradients: BatchGradients,
  options: AdamOptions,
): FusionUpdate {
  const fusion = adam(ops, theta.fusion, gradients.fusion, optimisers.fusion, options);
  const objective = adam(ops, theta.objective, gradients.objective, optimisers.objective, options);
  return {
    gradients,
    updated: { fusion: fusion.params, objective: objective.params },
    optimisers: { fusion: fusion.state, objective: objective.state },
  };
}
