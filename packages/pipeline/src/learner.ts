import type { Operand } from '@refusion/autodiff';
import { expectNotNegative, expectShape, hasShape } from '@refusion/core';
import { type FusionLoss, learnableLoss, reconstructionLoss } from '@refusion/losses';
import type { Learner } from '@refusion/meta';
import { fusion, proposal, reconstruction } from '@refusion/networks';

export interface ReFusionOptions {
  /** The fusion loss. Default: ReFusion's learnable one. */
  readonly loss?: FusionLoss;
  /** The weight of the fusion loss's gradient part, alpha_f: a number, or a scalar. Default 1. */
  readonly alphaF?: Operand;
  /** The weight of the reconstruction loss's gradient part, alpha_r: a number, or a scalar. Default 1. */
  readonly alphaR?: Operand;
  /**
   * Make the networks' intermediate values again in a backward pass instead of keeping them: less memory, more time, the
   * same derivatives. Default false.
   */
  readonly recompute?: boolean;
}

/**
 * ReFusion as a learner: the networks F, P and R with the learnable fusion loss and the reconstruction loss as the
 * outer objective.
 *
 * @throws OptionError if a weight is negative; ShapeError if it is a tensor, and no scalar
 * @example
 * const learner = refusionLearner({ alphaF: 0.5 });
 * const step = metaGradient(ops, learner, theta, [metaTrain], metaTest, 1e-4);
 */
export function refusionLearner(options: ReFusionOptions = {}): Learner {
  const { loss = learnableLoss, alphaF = 1, alphaR = 1, recompute = false } = options;
  expectWeight('alphaF', alphaF);
  expectWeight('alphaR', alphaR);
  return {
    fuse: (ops, params, { a, b }) => fusion(ops, params, a, b, { recompute }),
    // A fixed loss needs no proposal, so P is not run for it.
    propose: (ops, params, { a, b }) =>
      loss.uses.length > 0 ? proposal(ops, params, a, b, { recompute }) : {},
    fusionLoss: (ops, fused, sources, maps) => loss.apply(ops, fused, sources, maps, alphaF),
    objective: (ops, params, fused, targets) =>
      reconstructionLoss(ops, reconstruction(ops, params, fused, { recompute }), targets, alphaR),
    // The networks look at each image by itself, and L_r is a mean.
    imagewise: loss.imagewise ?? false,
  };
}

function expectWeight(name: string, weight: Operand): void {
  if (hasShape(weight)) expectShape('refusionLearner', name, weight, []);
  else expectNotNegative('refusionLearner', name, weight);
}
