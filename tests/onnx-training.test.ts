import { type Engine, reference, type Tensor } from '@refusion/autodiff';
import { leavesOf, mapParams, type NdArray, type Params, rng, type Tree } from '@refusion/core';
import {
  type Batch,
  fusionOptimisers,
  fusionUpdateOn,
  type Learner,
  metaGradientOn,
  scheduledLearner,
  type Theta,
} from '@refusion/meta';
import { fusionNetwork, proposalNetwork, reconstructionNetwork } from '@refusion/networks';
import { onnxEngine } from '@refusion/onnx/node';
import { refusionLearner } from '@refusion/pipeline';
import { expectClose, normals } from '@refusion/test-utils';
import { afterAll, describe, expect, it } from 'vitest';

// Whole meta-steps and fusion updates in compiled steps, against float64, operation by operation.

/** Float32 against float64 through two networks and their derivatives: measured at 3e-6 at most. */
const STEP = 1e-4;
const ETA = 0.1;

type Arrays = { readonly [part in keyof Theta]: Params<NdArray> };

interface Case {
  readonly learner: Learner;
  readonly theta: Arrays;
  readonly innerSteps: number;
}

const filters = (shapes: { readonly [name: string]: readonly number[] }, seed: number): Params<NdArray> =>
  Object.fromEntries(
    Object.entries(shapes).map(([name, shape], i) => {
      const data = normals(
        shape.reduce((size, n) => size * n, 1),
        seed + i,
      ).map((x) => Math.fround(0.3 * x));
      return [name, { data, shape }];
    }),
  );

/** Nothing of ReFusion: two layers with an odd width, a loss by logarithms and exponentials, an objective by extremes. */
const invented: Learner = {
  fuse: (o, p, { a, b }) => {
    const x = o.leakyRelu(o.conv3x3(o.concat([a, b], -1), p['first'] as Tensor), 0.2);
    const mean = o.mean(x, [1, 2], { keepDims: true });
    return o.sigmoid(o.pointwise(o.mul(x, o.exp(o.neg(o.square(mean)))), p['second'] as Tensor));
  },
  propose: (o, p, { a, b }) => ({
    m: o.sigmoid(o.depthwise(o.gelu(o.sub(a, b)), p['deep'] as Tensor)),
  }),
  fusionLoss: (o, fused, { a, b }, proposal) => {
    const m = proposal['m'] as Tensor;
    const target = o.add(o.mul(m, a), o.mul(o.sub(1, m), b));
    return { total: o.mean(o.log(o.add(1, o.exp(o.square(o.sub(fused, target)))))) };
  },
  // The whole batch is looked at: the worst of all pixels, and the mean of the images.
  objective: (o, p, fused, { a, b }) => {
    const error = o.abs(o.sub(o.mul(fused, p['gain'] as Tensor), o.maximum(a, b)));
    return { total: o.add(o.mean(error), o.mul(0.1, o.sqrt(o.mean(o.square(o.mean(fused, [0])))))) };
  },
};

const SIZE = { dim: 16, blocks: 1, heads: 4 };

const CASES: readonly (readonly [string, Case])[] = [
  [
    "ReFusion's learner, whose alpha_f a schedule gives",
    {
      learner: scheduledLearner(
        (epoch) => ({ alphaF: 1 / (epoch + 1) }),
        ({ alphaF }) => refusionLearner({ alphaF }),
      )(2),
      theta: {
        fusion: fusionNetwork(SIZE).init(rng(1)),
        proposal: proposalNetwork(SIZE).init(rng(2)),
        objective: reconstructionNetwork(SIZE).init(rng(3)),
      },
      innerSteps: 1,
    },
  ],
  [
    'an invented one, through two inner steps',
    {
      learner: invented,
      theta: {
        fusion: filters({ first: [5, 2, 3, 3], second: [1, 5, 1, 1] }, 1),
        proposal: filters({ deep: [1, 1, 3, 3] }, 9),
        objective: { gain: { data: Float64Array.of(0.75), shape: [1] } },
      },
      innerSteps: 2,
    },
  ],
];

/** Everything that a meta-step and a fusion update give on an engine. */
async function resultsOn(
  engine: Engine,
  { learner, theta: arrays, innerSteps }: Case,
): Promise<Float64Array[]> {
  const { ops } = engine;
  const upload = (params: Params<NdArray>): Params<Tensor> =>
    mapParams(({ data, shape }: NdArray) => ops.constant(data, shape), params);
  const theta: Theta = {
    fusion: upload(arrays.fusion),
    proposal: upload(arrays.proposal),
    objective: upload(arrays.objective),
  };
  const batch = (seed: number): Batch => {
    const image = (s: number): Tensor =>
      ops.constant(
        normals(3 * 56, s).map((x) => Math.fround(1 / (1 + Math.exp(-x)))),
        [3, 7, 8, 1],
      );
    return { a: image(seed), b: image(seed + 1) };
  };
  const train = Array.from({ length: innerSteps }, (_unused, k) => batch(20 + 2 * k));
  const meta = await metaGradientOn(engine, learner, theta, train, batch(40), ETA);
  const update = await fusionUpdateOn(engine, learner, theta, fusionOptimisers(ops, theta), batch(50), {
    rate: 1,
  });
  const made: Tree<Tensor> = [meta, update.gradients];
  return Promise.all(leavesOf<Tensor>(made).map(async (x) => Float64Array.from(await engine.read(x))));
}

const engines: Engine[] = [];
afterAll(async () => {
  for (const engine of engines) await engine.close?.();
});

describe.each(CASES)('%s', (_name, what) => {
  it.each([
    ["the runtime's own operators", {}],
    ['public operators', { block: null }],
  ])('gives the same in %s as reference, with any number of workers', async (_layout, options) => {
    const [one, two] = [
      await onnxEngine({ ...options, workers: 1 }),
      await onnxEngine({ ...options, workers: 2 }),
    ];
    engines.push(one, two);
    const expected = await resultsOn(reference, what);
    const results = await resultsOn(one, what);
    expect(results).toHaveLength(expected.length);
    for (const [i, values] of results.entries()) expectClose(values, expected[i] as Float64Array, STEP);
    expect(await resultsOn(two, what)).toEqual(results);
  });
});
