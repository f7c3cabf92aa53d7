import { type Ops, reference, type Tensor, transposedAttention, vjp } from '@refusion/autodiff';
import { mapParams, type NdArray, type Params, rng } from '@refusion/core';
import type { Block } from '../block.js';
import { compile } from '../compile.js';
import type { Layout } from '../lowering/lower.js';
import { type OpenModel, probeBlock, runOnce } from './probe.js';
import { openSession } from './session.js';

const SIDE = 8;
/** Float32 errs by 6e-6 here, in the worst gradient; a wrong order of channels, or a wrong kernel, by much more. */
export const MOST_ERROR = 1e-4;

/** A network of each kind of layer, with channels that fill one and two blocks of any size. */
function network(ops: Ops, p: Params<Tensor>, image: Tensor): Tensor {
  const at = (name: string): Tensor => p[name] as Tensor;
  const x = ops.conv3x3(image, at('in'));
  const normed = ops.layerNorm(x, at('scale'), at('shift'));
  const part = (name: string): Tensor => ops.depthwise(ops.pointwise(normed, at(name)), at(`${name}Deep`));
  const attended = transposedAttention(ops, part('q'), part('k'), part('v'), at('temperature'));
  const y = ops.add(x, ops.pointwise(attended, at('mid')));
  const open = ops.gelu(ops.depthwise(ops.pointwise(y, at('wide')), at('wideDeep')));
  const gated = ops.add(y, ops.pointwise(ops.mul(open, open), at('narrow')));
  return ops.sigmoid(ops.conv3x3(ops.leakyRelu(ops.conv3x3(gated, at('out')), 0.01), at('last')));
}

const SHAPES: { readonly [name: string]: readonly number[] } = {
  in: [16, 1, 3, 3],
  scale: [16],
  shift: [16],
  ...Object.fromEntries(
    ['q', 'k', 'v'].flatMap((n) => [
      [n, [16, 16, 1, 1]],
      [`${n}Deep`, [16, 1, 3, 3]],
    ]),
  ),
  temperature: [2, 1, 1],
  mid: [16, 16, 1, 1],
  wide: [32, 16, 1, 1],
  wideDeep: [32, 1, 3, 3],
  narrow: [16, 32, 1, 1],
  out: [16, 16, 3, 3],
  last: [1, 16, 3, 3],
};

type Named = Readonly<Record<string, Tensor>>;

/** The network's output, and the gradient of half its square in the image and in every parameter. */
function gradients(ops: Ops, { image, ...params }: Named): Named {
  const { value, pullback } = vjp(
    ops,
    (o, inputs: { readonly [name: string]: Tensor }) => network(o, inputs, inputs['image'] as Tensor),
    { ...params, image: image as Tensor },
  );
  const slopes = Object.entries(pullback([value])).map(([name, x]) => [`d_${name}`, x]);
  return { value, ...Object.fromEntries(slopes) };
}

function values(): Record<string, NdArray<Float32Array>> {
  const random = rng(1);
  const array = (shape: readonly number[]): NdArray<Float32Array> => {
    const data = Float32Array.from(
      { length: shape.reduce((size, n) => size * n, 1) },
      () => 0.3 * random.normal(),
    );
    return { data, shape };
  };
  const shapes = { ...SHAPES, image: [1, SIDE, SIDE, 1] };
  return Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, array(shape)]));
}

/**
 * How far a small network's output and gradients, compiled with a block, are from float64: the worst relative error
 * (L2) of a tensor; infinite where the runtime refuses the model, or the probe finds another block. An error above
 * `MOST_ERROR` means that the machine does not compute what it should.
 *
 * @throws RefusionError if onnxruntime does not load
 */
export async function selfTest(block: Block, open: OpenModel = openSession): Promise<number> {
  // The runtime's own operators trust their blocks: a wrong one can end the process, by a division by no blocks.
  return (await probeBlock(open)) === block ? errorWith(block, open) : Number.POSITIVE_INFINITY;
}

async function errorWith(block: Block, open: OpenModel): Promise<number> {
  const arrays = values();
  const layout: Layout = 'row-major';
  const inputs = mapParams(({ shape }: NdArray) => ({ shape, layout }), arrays);
  const outputLayouts = Object.fromEntries(
    ['value', ...Object.keys(arrays).map((n) => `d_${n}`)].map((n) => [n, layout]),
  );
  const model = compile(gradients, { inputs, outputLayouts, block });
  const { ops } = reference;
  const expected = gradients(
    ops,
    mapParams(({ data, shape }: NdArray) => ops.constant(data, shape), arrays),
  );
  try {
    const actual = await runOnce(open, model, arrays);
    const errors = Object.entries(expected).map(async ([name, x]) =>
      relativeError(actual[name]?.data ?? [], await reference.read(x)),
    );
    return Math.max(...(await Promise.all(errors)));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** ||actual - expected|| / ||expected||; infinite if something is missing or not a number. */
function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, size] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference += ((actual[i] ?? Number.NaN) - (expected[i] as number)) ** 2;
    size += (expected[i] as number) ** 2;
  }
  const error = Math.sqrt(difference / size);
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

/** The block to compile with on this machine, or null and why there is none. */
export type BlockChoice =
  | { readonly block: Block; readonly reason: null }
  | { readonly block: null; readonly reason: string };

/**
 * The block that onnxruntime has on this machine, if a self-test with it gives the right numbers; else null, and a
 * sentence that says why public operators have to do.
 *
 * @throws RefusionError if onnxruntime does not load
 * @example
 * const { block, reason } = await chooseBlock();
 */
export async function chooseBlock(open: OpenModel = openSession): Promise<BlockChoice> {
  const block = await probeBlock(open);
  if (block === null) {
    return { block, reason: "onnxruntime's internal operators do not work on this machine as expected" };
  }
  const error = await errorWith(block, open);
  if (error <= MOST_ERROR) return { block, reason: null };
  const found = Number.isFinite(error) ? `errs by ${error.toExponential(1)}` : 'fails';
  return {
    block: null,
    reason: `the self-test of onnxruntime's internal operators (block ${block}) ${found}`,
  };
}
