import { type Float64Tensor, grad, type Ops, reference, type Tensor } from '@refusion/autodiff';
import { mapParams, type NdArray, type Params, rng } from '@refusion/core';
import { type Batch, metaGradient, type Theta } from '@refusion/meta';
import { fusionNetwork, proposalNetwork, reconstructionNetwork } from '@refusion/networks';
import { refusionLearner } from '@refusion/pipeline';
import { derivativeAtZero, dot, expectClose, relativeError } from '@refusion/test-utils';
import { beforeAll, describe, expect, it } from 'vitest';

// ReFusion's own networks, small: the hypergradient by the directional derivative against two independent routes.
const { ops } = reference;
const SIZE = { dim: 4, blocks: 1, heads: 2, ffn: 2 };
const ETA = 1;
const learner = refusionLearner({ alphaF: 0.5 });

const onReference = (params: Params<NdArray>): Params<Tensor> =>
  Object.fromEntries(
    Object.entries(params).map(([name, { data, shape }]) => [name, ops.constant(data, shape)]),
  );

const theta: Theta = {
  fusion: onReference(fusionNetwork(SIZE).init(rng(1))),
  proposal: onReference(proposalNetwork(SIZE).init(rng(2))),
  objective: onReference(reconstructionNetwork(SIZE).init(rng(3))),
};

function batch(seed: number): Batch {
  const random = rng(seed);
  const image = (): Tensor => ops.constant(Float64Array.from({ length: 30 }, random.uniform), [1, 6, 5, 1]);
  return { a: image(), b: image() };
}

const flat = (record: Params<Tensor>): Float64Array =>
  Float64Array.from(Object.values(record).flatMap((x) => [...(x as Float64Tensor).data]));

/** The outer loss as a function of theta_P, inner steps written out; R's parameters held where they arrived. */
function outerLoss(
  o: Ops,
  proposal: Params<Tensor>,
  train: readonly Batch[],
  test: Batch,
  reached: Params<Tensor>,
): Tensor {
  let fusion = theta.fusion;
  for (const sources of train) {
    const maps = learner.propose(o, proposal, sources);
    const loss = (oo: Ops, params: Params<Tensor>): Tensor =>
      learner.fusionLoss(oo, learner.fuse(oo, params, sources), sources, maps).total;
    fusion = mapParams((x, g) => o.sub(x, o.mul(g, ETA)), fusion, grad(o, loss, fusion));
  }
  return learner.objective(o, reached, learner.fuse(o, fusion, test), test).total;
}

describe.each([1, 2, 3])('the hypergradient of ReFusion through %i inner steps', (count) => {
  const train = Array.from({ length: count }, (_unused, k) => batch(10 + k));
  const test = batch(40);
  let exact: Params<Tensor>;
  let reached: Params<Tensor>;

  beforeAll(() => {
    const result = metaGradient(ops, learner, theta, train, test, ETA);
    exact = result.hypergradient.gradient;
    reached = (result.inner.at(-1) as (typeof result.inner)[number]).updated.objective;
  });

  it('equals double backward through the op set', () => {
    const twice = grad(ops, (o, p: Params<Tensor>) => outerLoss(o, p, train, test, reached), theta.proposal);
    for (const [name, gradient] of Object.entries(exact)) {
      const other = flat({ g: twice[name] as Tensor });
      expect(relativeError(flat({ g: gradient }), other), name).toBeLessThan(1e-9);
    }
  });

  it('equals finite differences of the whole two-level computation', () => {
    const random = rng(7);
    const direction = mapParams(
      (x: Tensor) => ops.constant(Float64Array.from((x as Float64Tensor).data, random.normal), x.shape),
      theta.proposal,
    );
    const along = derivativeAtZero((t) => {
      const moved = mapParams((x, d) => ops.add(x, ops.mul(d, t)), theta.proposal, direction);
      return flat({ loss: outerLoss(ops, moved, train, test, reached) });
    }, 1e-5);
    // The step is too short to carry a unit across a kink (PReLU, LeakyReLU, |.|), so rounding of the loss,
    // 1e-16 / 1e-5, is what limits the comparison.
    expectClose([dot(flat(exact), flat(direction))], along, 1e-6);
  });
});
