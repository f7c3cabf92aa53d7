import { type Engine, evaluate, type Ops, type Tensor } from '@refusion/autodiff';
import { leavesOf, type Params, type Tree } from '@refusion/core';
import {
  type Batch,
  fusionOptimisers,
  fusionUpdateOn,
  type Learner,
  type LossTerms,
  type MetaGradient,
  metaGradientOn,
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

/** What the file has of a meta-step. */
function metaResults(ops: Ops, { inner, outer, hypergradient }: MetaGradient): Recomputed {
  const { gradients, updated } = inner[0] as (typeof inner)[number];
  return {
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
    'outer.reconstruction_loss': stacked(ops, outer.terms),
    'outer.jvp.fused': channelsFirst(ops, hypergradient.directional[0] as Tensor),
    ...named('outer.grad.updatedF.', outer.gradient),
    ...named('outer.hypergrad.P.', hypergradient.gradient),
  };
}

/** What the file has beside it: an edge magnitude and the pictures that R gives back. */
const OTHERS = {
  name: 'the reconstruction',
  run: (
    ops: Ops,
    { image, params, fused }: { image: Tensor; params: Params<Tensor>; fused: Tensor },
  ): Recomputed => {
    const { a, b } = reconstruction(ops, params, fused);
    return {
      'mtr.sobel.a': channelsFirst(ops, sobelMagnitude(ops, image)),
      'outer.recon.a': channelsFirst(ops, a),
      'outer.recon.b': channelsFirst(ops, b),
    };
  },
};

type Keep = <T extends Tree<Tensor>>(made: T) => T;

async function metaStep(
  engine: Engine,
  file: GoldenFile,
  learner: Learner,
  theta: Theta,
  keep: Keep,
): Promise<Recomputed> {
  const { ops } = engine;
  const [train, test] = [goldenBatch(ops, file, 'mtr'), goldenBatch(ops, file, 'mts')].map(keep) as [
    Batch,
    Batch,
  ];
  const meta = keep(await metaGradientOn(engine, learner, theta, [train], test, goldenSetting(file, 'eta')));
  const { updated } = meta.inner[0] as (typeof meta.inner)[number];
  const others = { image: train.a, params: updated.objective, fused: meta.outer.fused };
  return {
    ...keep(await evaluate(engine, OTHERS, others)),
    ...keep(ops.scope(() => metaResults(ops, meta))),
  };
}

async function fusionUpdates(
  engine: Engine,
  file: GoldenFile,
  learner: Learner,
  start: Theta,
  keep: Keep,
): Promise<Recomputed> {
  const { ops } = engine;
  const batch: Batch = keep(goldenBatch(ops, file, 'ftr'));
  const rate = goldenSetting(file, 'eta');
  const steps = goldenTensor(file, 'fusion_update.losses').shape[0] as number;
  const losses: Tensor[] = [];
  let theta = start;
  let optimisers = fusionOptimisers(ops, theta);
  const moments = () => [optimisers.fusion, optimisers.objective].map(({ m, v }) => keep([m, v]));
  moments();
  for (let step = 0; step < steps; step++) {
    const update = await fusionUpdateOn(engine, learner, theta, optimisers, batch, { rate });
    const { fusionLoss, objectiveLoss } = keep(update.gradients);
    losses.push(...[fusionLoss.total, objectiveLoss.total].map((loss) => ops.reshape(loss, [1])));
    theta = { ...theta, ...keep(update.updated) };
    optimisers = update.optimisers;
    moments();
  }
  keep(losses);
  return {
    'fusion_update.losses': keep(ops.scope(() => ops.reshape(ops.concat(losses, 0), [steps, 2]))),
    ...named('fusion_update.F.', theta.fusion),
    ...named('fusion_update.R.', theta.objective),
  };
}

/**
 * Recomputes everything in a golden file from its parameters and batches, as a training does.
 * @param use is given the results, which are freed, with all that was made on the way, when it is done
 */
export async function recompute<R>(
  engine: Engine,
  file: GoldenFile,
  use: (recomputed: Recomputed) => Promise<R>,
): Promise<R> {
  const made = new Set<Tensor>();
  const keep: Keep = (tree) => {
    for (const leaf of leavesOf<Tensor>(tree)) made.add(leaf);
    return tree;
  };
  const learner = refusionLearner({
    alphaF: goldenSetting(file, 'alpha_f'),
    alphaR: goldenSetting(file, 'alpha_r'),
  });
  try {
    const theta = keep(goldenTheta(engine.ops, file));
    return await use({
      ...(await metaStep(engine, file, learner, theta, keep)),
      ...(await fusionUpdates(engine, file, learner, theta, keep)),
    });
  } finally {
    engine.release([...made]);
  }
}
