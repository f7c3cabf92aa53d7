import { type Ops, type Tensor, vjp } from '@refusion/autodiff';
import type { Params } from '@refusion/core';
import { fusedOf, proposalOf, termsOf } from './expect-learner.js';
import {
  type Batch,
  type Learner,
  type LossTerms,
  type Proposal,
  type Sources,
  sourcesOf,
  type Theta,
  targetsOf,
} from './learner.js';
import { lossGradient } from './loss-gradient.js';
import { sgd } from './optimisers.js';

/** What one batch gives at the current parameters: the losses, and the gradient of each in its own parameters. */
export type BatchGradients = {
  /** I_f, `[B, H, W, 1]`. */
  readonly fused: Tensor;
  readonly proposal: Proposal;
  readonly fusionLoss: LossTerms;
  /** The objective at I_f held fixed: no gradient of it reaches theta_F. */
  readonly objectiveLoss: LossTerms;
  /** grad L_f in theta_F. */
  readonly fusion: Params<Tensor>;
  /** grad of the objective in its own parameters. */
  readonly objective: Params<Tensor>;
};

/**
 * The fused image, L_f, and its gradient in theta_F: back through F from dL_f/dI_f, since L_f depends on theta_F
 * through I_f alone.
 */
export function fusionGradient(
  ops: Ops,
  learner: Learner,
  params: Params<Tensor>,
  sources: Sources,
  proposal: Proposal,
): { fused: Tensor; terms: LossTerms; gradient: Params<Tensor> } {
  const fuse = (o: Ops, p: Params<Tensor>): Tensor => fusedOf(learner.fuse(o, p, sources));
  const { value: fused, pullback } = vjp(ops, fuse, params);
  const loss = (o: Ops, image: Tensor): LossTerms =>
    termsOf('fusionLoss', learner.fusionLoss(o, image, sources, proposal));
  const { terms, gradient } = lossGradient(ops, loss, fused);
  return { fused, terms, gradient: pullback([gradient]) };
}

/** The losses and gradients of one batch; nothing is updated. */
export function batchGradients(ops: Ops, learner: Learner, theta: Theta, batch: Batch): BatchGradients {
  const sources = sourcesOf(batch);
  const proposal = ops.scope(() => proposalOf(learner.propose(ops, theta.proposal, sources)));
  const { fused, terms, gradient } = ops.scope(() =>
    fusionGradient(ops, learner, theta.fusion, sources, proposal),
  );
  const objective = ops.scope(() =>
    lossGradient(
      ops,
      (o, params: Params<Tensor>) =>
        termsOf('objective', learner.objective(o, params, fused, targetsOf(batch))),
      theta.objective,
    ),
  );
  return {
    fused,
    proposal,
    fusionLoss: terms,
    objectiveLoss: objective.terms,
    fusion: gradient,
    objective: objective.gradient,
  };
}

/** An inner update: what the batch gave, and where it led. */
export type InnerUpdate = {
  readonly gradients: BatchGradients;
  readonly updated: { readonly fusion: Params<Tensor>; readonly objective: Params<Tensor> };
};

/**
 * theta_F' = theta_F - eta grad L_f(F(batch); P(batch)), and the objective's parameters likewise, with I_f held
 * fixed. Nothing of `theta` changes.
 *
 * @see ReFusion (Bai et al., IJCV 2024), the inner update
 */
export function innerUpdate(
  ops: Ops,
  learner: Learner,
  theta: Theta,
  batch: Batch,
  eta: number,
): InnerUpdate {
  return innerUpdateBy(ops, theta, batchGradients(ops, learner, theta, batch), eta);
}

/** The inner update by gradients that are known. */
export function innerUpdateBy(ops: Ops, theta: Theta, gradients: BatchGradients, eta: number): InnerUpdate {
  const updated = ops.scope(() => ({
    fusion: sgd(ops, theta.fusion, gradients.fusion, eta),
    objective: sgd(ops, theta.objective, gradients.objective, eta),
  }));
  return { gradients, updated };
}
