import type { Ops, Tensor } from '@refusion/autodiff';
import type { Params } from '@refusion/core';
import {
  type Batch,
  type FusionOptimisers,
  fusionOptimisers,
  fusionUpdate,
  type Learner,
  type LossTerms,
  metaGradient,
  type Theta,
} from '@refusion/meta';
import { reconstruction } from '@refusion/networks';
import { sobelMagnitude } from '@refusion/ops';
import { refusionLearner } from '@refusion/pipeline';
import { type GoldenFile, goldenBatch, goldenSetting, goldenTensor, goldenTheta } from './golden-file.js';

/** What an engine makes of a golden file: the file's tensors by the file's names. */
export type Recomputed = { readonly [name: string]: Tensor };

const named = (prefix: string, params: Params<Tensor>): Recomputed =>
  Object.fromEntries(Object.entries(params).map(([name, x]) => [prefix + name, x]));

/** `[B, H, W, C] -> [B, C, H, W]`, as the file has images. */
const channelsFirst = (ops: Ops, x: Tensor): Tensor => ops.transpose(x, [0, 3, 1, 2]);

/** `[total, intensity, gradient]` */
function stacked(ops: Ops, { total, intensity, gradient }: LossTerms): Tensor {
  const terms = [total, intensity, gradient].filter((term) => term !== undefined);
  return ops.concat(
    terms.map((term) => ops.reshape(term, [1])),
    0,
  );
}

function metaStep(ops: Ops, file: GoldenFile, learner: Learner, theta: Theta): Recomputed {
  const [metaTrain, metaTest] = [goldenBatch(ops, file, 'mtr'), goldenBatch(ops, file, 'mts')];
  const eta = goldenSetting(file, 'eta');
  const { inner, outer, hypergradient } = metaGradient(ops, learner, theta, [metaTrain], metaTest, eta);
  const { gradients, updated } = inner[0] as (typeof inner)[number];
  const reconstructed = reconstruction(ops, updated.objective, outer.fused);
  return {
    'mtr.sobel.a': channelsFirst(ops, sobelMagnitude(ops, metaTrain.a)),
    'inner.fused': channelsFirst(ops, gradients.fused),
    'inner.W': channelsFirst(ops, gradients.proposal['w'] as Tensor),
    'inner.V': channelsFirst(ops, gradients.proposal['v'] as Tensor),
    'inner.fusion_loss': stacked(ops, gradients.fusionLoss),
    'inner.reconstruction_loss': stacked(ops, gradients.objectiveLoss),
    ...named('inner.grad.F.', gradients.fusion),
    ...named('inner.grad.R.', gradients.objective),
    ...named('inner.updated.F.', updated.fusion),
    ...named('inner.updated.R.', updated.objective),
    'outer.fused': channelsFirst(ops, outer.fused),
    'outer.recon.a': channelsFirst(ops, reconstructed.a),
    'outer.recon.b': channelsFirst(ops, reconstructed.b),
    'outer.reconstruction_loss': stacked(ops, outer.terms),
    'outer.jvp.fused': channelsFirst(ops, hypergradient.directional[0] as Tensor),
    ...named('outer.grad.updatedF.', outer.gradient),
    ...named('outer.hypergrad.P.', hypergradient.gradient),
  };
}

function fusionUpdates(ops: Ops, file: GoldenFile, learner: Learner, start: Theta): Recomputed {
  const batch: Batch = goldenBatch(ops, file, 'ftr');
  const rate = goldenSetting(file, 'eta');
  const steps = goldenTensor(file, 'fusion_update.losses').shape[0] as number;
  const losses: Tensor[] = [];
  let theta = start;
  let optimisers: FusionOptimisers = fusionOptimisers(ops, theta);
  for (let step = 0; step < steps; step++) {
    const update = fusionUpdate(ops, learner, theta, optimisers, batch, { rate });
    const { fusionLoss, objectiveLoss } = update.gradients;
    losses.push(...[fusionLoss.total, objectiveLoss.total].map((loss) => ops.reshape(loss, [1])));
    theta = { ...theta, ...update.updated };
    optimisers = update.optimisers;
  }
  return {
    'fusion_update.losses': ops.reshape(ops.concat(losses, 0), [steps, 2]),
    ...named('fusion_update.F.', theta.fusion),
    ...named('fusion_update.R.', theta.objective),
  };
}

/** Recomputes everything in a golden file from its parameters and batches. */
export function recompute(ops: Ops, file: GoldenFile): Recomputed {
  const learner = refusionLearner({
    alphaF: goldenSetting(file, 'alpha_f'),
    alphaR: goldenSetting(file, 'alpha_r'),
  });
  const theta = goldenTheta(ops, file);
  return {
    ...ops.scope(() => metaStep(ops, file, learner, theta)),
    ...fusionUpdates(ops, file, learner, theta),
  };
}
