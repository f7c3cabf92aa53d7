import { type Engine, type Ops, reference, type Tensor } from '@refusion/autodiff';
import { leavesOf, type Params, rng } from '@refusion/core';
import { type Batch, type Learner, type MetaGradient, metaGradient, metaGradientOn } from '@refusion/meta';
import { chooseBlock, onnxEngine } from '@refusion/onnx/node';
import { relativeError } from '@refusion/test-utils';
import { describe, expect, it } from 'vitest';

// Networks and losses that are not ReFusion's, as onnxruntime computes them, against float64.

/** Float32 through two inner steps with second derivatives; 1e-6 was never reached. */
const TOLERANCE = 1e-5;
const ETA = 0.1;

const SHAPES = {
  fusion: {
    in: [16, 2, 3, 3],
    wide: [24, 16, 1, 1],
    deep: [24, 1, 3, 3],
    scale: [24],
    shift: [24],
    squeeze: [16, 16],
    narrow: [16, 24, 3, 3],
    out: [1, 16, 1, 1],
  },
  proposal: { in: [32, 2, 3, 3], slope: [32], out: [3, 32, 3, 3] },
  objective: { in: [16, 1, 3, 3], out: [2, 16, 1, 1] },
} as const;

const at = (params: Params<Tensor>, name: string): Tensor => params[name] as Tensor;
const tanh = (ops: Ops, x: Tensor): Tensor => ops.sub(ops.mul(ops.sigmoid(ops.mul(x, 2)), 2), 1);
const smoothed = (ops: Ops, x: Tensor): Tensor => ops.mean(ops.sqrt(ops.add(ops.square(x), 1e-2)));

/** Channels of 16 and of 24, which fill no block, a gate by what the whole image shows, a norm of its own width. */
function fuse(ops: Ops, params: Params<Tensor>, { a, b }: Batch): Tensor {
  const x = tanh(ops, ops.conv3x3(ops.concat([a, b], -1), at(params, 'in')));
  const seen = ops.mean(x, [1, 2], { keepDims: true });
  const [batch, , , c] = seen.shape as [number, number, number, number];
  const squeezed = ops.matMul(ops.reshape(seen, [batch, c]), at(params, 'squeeze'));
  const gated = ops.mul(x, ops.sigmoid(ops.reshape(squeezed, seen.shape)));
  const deep = ops.depthwise(ops.pointwise(gated, at(params, 'wide')), at(params, 'deep'));
  const normed = ops.layerNorm(deep, at(params, 'scale'), at(params, 'shift'), 1e-3);
  const y = ops.add(x, ops.gelu(ops.conv3x3(normed, at(params, 'narrow'))));
  return ops.sigmoid(ops.pointwise(y, at(params, 'out')));
}

const learner: Learner = {
  imagewise: true,
  fuse,
  propose: (ops, params, { a, b }) => {
    const x = ops.prelu(ops.conv3x3(ops.concat([a, b], -1), at(params, 'in')), at(params, 'slope'));
    return { maps: ops.softmax(ops.conv3x3(x, at(params, 'out')), -1) };
  },
  // The likeness to a, to b and to their mean, as proposed, and the smoothness of the picture.
  fusionLoss: (ops, fused, { a, b }, { maps }) => {
    const targets = ops.concat([a, b, ops.mul(ops.add(a, b), 0.5)], -1);
    const likeness = smoothed(ops, ops.mul(maps as Tensor, ops.sub(fused, targets)));
    const [n, h, w] = fused.shape as [number, number, number];
    const below = ops.slice(fused, [0, 1, 0, 0], [n, h - 1, w, 1]);
    const above = ops.slice(fused, [0, 0, 0, 0], [n, h - 1, w, 1]);
    const roughness = smoothed(ops, ops.sub(below, above));
    return { total: ops.add(likeness, ops.mul(roughness, 0.1)), likeness, roughness };
  },
  objective: (ops, params, fused, { a, b }) => {
    const logits = ops.pointwise(ops.exp(ops.conv3x3(fused, at(params, 'in'))), at(params, 'out'));
    return { total: smoothed(ops, ops.sub(logits, ops.concat([a, b], -1))) };
  },
};

/** Numbers that float32 holds, so that all engines start alike. */
function drawn(ops: Ops, shape: readonly number[], seed: number, draw: 'normal' | 'uniform'): Tensor {
  const random = rng(seed);
  const size = shape.reduce((product, length) => product * length, 1);
  const value = () => (draw === 'uniform' ? random.uniform() : 0.3 * random.normal());
  return ops.constant(
    Array.from({ length: size }, () => Math.fround(value())),
    shape,
  );
}

function problem(ops: Ops) {
  let seed = 1;
  const params = (shapes: Readonly<Record<string, readonly number[]>>): Params<Tensor> =>
    Object.fromEntries(
      Object.entries(shapes).map(([name, shape]) => [name, drawn(ops, shape, seed++, 'normal')]),
    );
  const theta = {
    fusion: params(SHAPES.fusion),
    proposal: params(SHAPES.proposal),
    objective: params(SHAPES.objective),
  };
  const batch = (): Batch => ({
    a: drawn(ops, [2, 6, 8, 1], seed++, 'uniform'),
    b: drawn(ops, [2, 6, 8, 1], seed++, 'uniform'),
  });
  return { theta, train: [batch(), batch()], test: batch() };
}

const expected = ((): MetaGradient => {
  const { theta, train, test } = problem(reference.ops);
  return metaGradient(reference.ops, learner, theta, train, test, ETA);
})();

async function expectAgreement(engine: Engine, own: Learner): Promise<void> {
  const { theta, train, test } = problem(engine.ops);
  const actual = await metaGradientOn(engine, own, theta, train, test, ETA);
  for (const part of ['outer', 'hypergradient', 'inner'] as const) {
    const wanted = leavesOf<Tensor>(expected[part]);
    for (const [i, x] of leavesOf<Tensor>(actual[part]).entries()) {
      const numbers = await reference.read(wanted[i] as Tensor);
      expect(relativeError(await engine.read(x), numbers), `${part} ${i} [${x.shape}]`).toBeLessThan(
        TOLERANCE,
      );
    }
  }
}

const { block } = await chooseBlock();

describe.each([
  ...(block === null ? [] : [{ how: `in blocks of ${block}`, chosen: block }]),
  { how: 'by public operators', chosen: null },
])('a meta-step of two inner steps of networks and losses of one’s own, $how', ({ chosen }) => {
  it.each([true, false])('is that of float64, image by image: %s', async (imagewise) => {
    const engine = await onnxEngine({ workers: 1, threads: 1, block: chosen });
    try {
      await expectAgreement(engine, { ...learner, imagewise });
    } finally {
      await engine.close();
    }
  });
});
