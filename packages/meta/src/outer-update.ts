import { grad, type JvpResult, jvp, type Ops, type Tensor, vjp } from '@refusion/autodiff';
import { expectPositive, mapParams, OptionError, type Params } from '@refusion/core';
import { fusedOf, termsOf } from './expect-learner.js';
import { fusionGradient, type InnerUpdate, innerUpdate } from './inner-update.js';
import { type Batch, type Learner, type LossTerms, sourcesOf, type Theta, targetsOf } from './learner.js';
import { totalAlone } from './loss-gradient.js';
import { sgd } from './optimisers.js';

/** One inner step: the batch it saw and the parameters of F that it started from. */
export type InnerStep = { readonly batch: Batch; readonly fusion: Params<Tensor>; readonly fused: Tensor };

/** The objective on the meta-test batch, by the parameters that the inner updates led to. */
export type OuterLoss = {
  readonly fused: Tensor;
  readonly terms: LossTerms;
  /** v: the gradient in theta_F'. */
  readonly gradient: Params<Tensor>;
};

/** The outer loss and v = dL/dtheta_F', by one ordinary backward pass on the meta-test batch. */
export function outerLoss(
  ops: Ops,
  learner: Learner,
  updated: InnerUpdate['updated'],
  batch: Batch,
): OuterLoss {
  const loss = (o: Ops, params: Params<Tensor>): { fused: Tensor; terms: LossTerms } => {
    const fused = fusedOf(learner.fuse(o, params, sourcesOf(batch)));
    const terms = learner.objective(o, updated.objective, fused, targetsOf(batch));
    return { fused, terms: termsOf('objective', terms) };
  };
  const { value, pullback } = vjp(ops, loss, updated.fusion);
  return { ...value, gradient: pullback([null, ...totalAlone(ops, value.terms)]) };
}

/** The gradient of the outer loss in theta_P, and the directional derivatives u it was made with, first step first. */
export type Hypergradient = {
  readonly gradient: Params<Tensor>;
  readonly directional: readonly Tensor[];
};

/**
 * The exact gradient of the outer loss in theta_P, without a second backward pass through F. L_f reaches theta_F
 * through I_f alone, so for one inner step
 *
 *     u = J_F(theta_F) v                                              (forward mode: an image)
 *     dL/dtheta_P = -eta d/dtheta_P < u , dL_f/dI_f (I_f ; P(theta_P)) >  (one backward pass through P)
 *
 * Several steps are walked back: at each the term above with that step's v, and then v - eta H v for the step before,
 * H the Hessian of L_f in theta_F, by the directional derivative of its gradient.
 *
 * @param steps the inner steps, first to last
 * @param outer the outer loss's gradient in the parameters after the last
 * @see ReFusion (Bai et al., IJCV 2024), the outer update
 */
export function hypergradient(
  ops: Ops,
  learner: Learner,
  proposalParams: Params<Tensor>,
  steps: readonly InnerStep[],
  outer: Params<Tensor>,
  eta: number,
): Hypergradient {
  let direction = outer;
  let total: Params<Tensor> | null = null;
  const directional: Tensor[] = [];
  for (let k = steps.length - 1; k >= 0; k--) {
    const step = steps[k] as InnerStep;
    const u = ops.scope(() => directionalDerivative(ops, learner, step, direction).tangent);
    const term = ops.scope(() => mixedTerm(ops, learner, proposalParams, step, u, eta));
    const sum: Params<Tensor> | null = total;
    total = sum ? ops.scope(() => mapParams((x, y) => ops.add(x, y), sum, term)) : term;
    directional.unshift(u);
    if (k > 0) {
      const v = direction;
      direction = ops.scope(() => sgd(ops, v, hessianProduct(ops, learner, proposalParams, step, v), eta));
    }
  }
  if (!total) throw new OptionError('hypergradient: needs at least one inner step');
  return { gradient: total, directional };
}

/** The step's fused image and its derivative along v: u = J_F(theta_F) v. */
export function directionalDerivative(
  ops: Ops,
  learner: Learner,
  { batch, fusion }: Pick<InnerStep, 'batch' | 'fusion'>,
  v: Params<Tensor>,
): JvpResult<Tensor> {
  const fuse = (o: Ops, params: Params<Tensor>): Tensor => learner.fuse(o, params, sourcesOf(batch));
  return jvp(ops, fuse, fusion, v);
}

/** -eta d/dtheta_P < u , dL_f/dI_f > */
export function mixedTerm(
  ops: Ops,
  learner: Learner,
  proposalParams: Params<Tensor>,
  step: InnerStep,
  u: Tensor,
  eta: number,
): Params<Tensor> {
  const sources = sourcesOf(step.batch);
  const inner = (o: Ops, params: Params<Tensor>): Tensor => {
    const proposal = learner.propose(o, params, sources);
    const slope = grad(
      o,
      (oo, image: Tensor) => learner.fusionLoss(oo, image, sources, proposal).total,
      step.fused,
    );
    return o.mul(o.sum(o.mul(u, slope)), -eta);
  };
  return grad(ops, inner, proposalParams);
}

/** H v, H the Hessian of L_f in theta_F at the step. */
export function hessianProduct(
  ops: Ops,
  learner: Learner,
  proposalParams: Params<Tensor>,
  step: Pick<InnerStep, 'batch' | 'fusion'>,
  v: Params<Tensor>,
): Params<Tensor> {
  const sources = sourcesOf(step.batch);
  const proposal = learner.propose(ops, proposalParams, sources);
  const gradient = (o: Ops, params: Params<Tensor>): Params<Tensor> =>
    fusionGradient(o, learner, params, sources, proposal).gradient;
  return jvp(ops, gradient, step.fusion, v).tangent;
}

/** Everything that a meta-step computes. */
export type MetaGradient = {
  /** The inner updates, first to last. */
  readonly inner: readonly InnerUpdate[];
  readonly outer: OuterLoss;
  readonly hypergradient: Hypergradient;
};

/**
 * A meta-step up to its gradient: inner updates on the meta-train batches, the objective on the meta-test batch, and
 * that objective's exact gradient in theta_P. Nothing of `theta` changes.
 *
 * @param metaTrain one batch for each inner step; the paper takes one
 * @param eta the inner step size, above 0
 * @throws OptionError if eta is not above 0 or there is no meta-train batch
 */
export function metaGradient(
  ops: Ops,
  learner: Learner,
  theta: Theta,
  metaTrain: readonly Batch[],
  metaTest: Batch,
  eta: number,
): MetaGradient {
  expectPositive('metaGradient', 'eta', eta);
  const inner: InnerUpdate[] = [];
  const steps: InnerStep[] = [];
  let current = theta;
  for (const batch of metaTrain) {
    const update = innerUpdate(ops, learner, current, batch, eta);
    steps.push({ batch, fusion: current.fusion, fused: update.gradients.fused });
    inner.push(update);
    current = { ...current, ...update.updated };
  }
  const outer = ops.scope(() => outerLoss(ops, learner, current, metaTest));
  return {
    inner,
    outer,
    hypergradient: hypergradient(ops, learner, theta.proposal, steps, outer.gradient, eta),
  };
}
