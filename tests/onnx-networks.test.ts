import { type Ops, reference, type Tensor } from '@refusion/autodiff';
import { type NdArray, type Params, rng, toFloat64 } from '@refusion/core';
import {
  fusionNetwork,
  type NetworkConfig,
  proposalNetwork,
  reconstructionNetwork,
} from '@refusion/networks';
import { compile, type ModelFunction } from '@refusion/onnx';
import { openSession, type Session } from '@refusion/onnx/node';
import { expectClose, normals } from '@refusion/test-utils';
import { env, InferenceSession, Tensor as WebTensor } from 'onnxruntime-web';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// Every network, at odd widths, as one model that takes any batch and any size, against float64.

/** Float32 against float64 through a whole network: measured at 6e-7 at most. */
const NETWORK = 1e-5;

type Four = readonly [number, number, number, number];
type Image = NdArray<Float32Array>;

/** An image batch `[B,H,W,C]` of values in (0, 1). */
function image(shape: Four, seed: number): Image {
  const size = shape.reduce((product, length) => product * length, 1);
  return { data: Float32Array.from(normals(size, seed), (x) => 1 / (1 + Math.exp(-x))), shape };
}

/** `[B,C,H,W]`, as models give images, to `[B,H,W,C]`. */
function channelsLast({ data, shape }: NdArray): Float64Array {
  const [b, c, h, w] = shape as readonly number[] as Four;
  const moved = new Float64Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const [pixel, channel, batch] = [i % (h * w), Math.floor(i / (h * w)) % c, Math.floor(i / (c * h * w))];
    moved[(batch * h * w + pixel) * c + channel] = data[i] as number;
  }
  expect(b * h * w * c).toBe(data.length);
  return moved;
}

interface Network {
  readonly run: ModelFunction;
  readonly params: Params<NdArray>;
}

const NETWORKS: Record<string, (config: Partial<NetworkConfig>) => Network> = {
  fusion: (config) => {
    const { apply, init } = fusionNetwork(config);
    return { run: (o, { a, b }, p) => ({ y: apply(o, p, a as Tensor, b as Tensor) }), params: init(rng(5)) };
  },
  proposal: (config) => {
    const { apply, init } = proposalNetwork(config);
    return { run: (o, { a, b }, p) => ({ ...apply(o, p, a as Tensor, b as Tensor) }), params: init(rng(6)) };
  },
  reconstruction: (config) => {
    const { apply, init } = reconstructionNetwork(config);
    const run: ModelFunction = (o, { a, b }, p) => {
      const { a: ofA, b: ofB } = apply(o, p, o.mul(o.add(a as Tensor, b as Tensor), 0.5));
      return { ofA, ofB };
    };
    return { run, params: init(rng(7)) };
  },
};

const CONFIGS: readonly Partial<NetworkConfig>[] = [
  { dim: 4, blocks: 1, heads: 2 },
  { dim: 6, blocks: 2, heads: 3, ffn: 2.5 },
  { dim: 5, blocks: 1, heads: 1, ffn: 1 },
  {},
];

const SIZES: readonly Four[] = [
  [1, 8, 8, 1],
  [2, 5, 7, 1],
  [1, 1, 1, 1],
  [3, 2, 9, 1],
];

const cases = Object.keys(NETWORKS).flatMap((name) => CONFIGS.map((config) => ({ name, config })));

describe.each(cases)('the model of $name $config', ({ name, config }) => {
  const network = NETWORKS[name]?.(config) as Network;
  let session: Session;
  beforeAll(async () => {
    const shape = ['B', 'H', 'W', 1];
    const model = compile(network.run, { inputs: { a: { shape }, b: { shape } }, params: network.params });
    session = await openSession(model, { threads: 1 });
  });
  afterAll(() => session.close());

  it.each(SIZES)('gives the values of the reference for a batch of %i, %i x %i', async (...shape) => {
    const [a, b] = [image(shape, 21), image(shape, 22)];
    const stored = (x: Image): Image => ({ data: x.data, shape: [shape[0], 1, shape[1], shape[2]] });
    const outputs = await session.run({ a: stored(a), b: stored(b) });
    const expected = onReference(network, { a, b });
    for (const [key, value] of Object.entries(expected)) {
      expectClose(channelsLast(outputs[key] as Image), await reference.read(value), NETWORK);
    }
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(expected).sort());
  });
});

it.each(Object.keys(NETWORKS))('the model of %s runs in onnxruntime for the web', async (name) => {
  const network = NETWORKS[name]?.({}) as Network;
  const shape = ['B', 'H', 'W', 1];
  const model = compile(network.run, { inputs: { a: { shape }, b: { shape } }, params: network.params });
  env.wasm.numThreads = 1;
  const session = await InferenceSession.create(model, { executionProviders: ['wasm'] });
  const size: Four = [2, 5, 7, 1];
  const [a, b] = [image(size, 41), image(size, 42)];
  const stored = (x: Image): WebTensor => new WebTensor('float32', x.data, [2, 1, 5, 7]);
  const outputs = await session.run({ a: stored(a), b: stored(b) });
  await session.release();
  for (const [key, value] of Object.entries(onReference(network, { a, b }))) {
    const { data, dims } = outputs[key] as WebTensor;
    const values = channelsLast({ data: data as Float32Array, shape: dims });
    expectClose(values, await reference.read(value), NETWORK);
  }
});

describe.each(Object.keys(NETWORKS))('%s in strips', (name) => {
  it.each([
    // Pixels of a strip; the least is 8 rows, so 40 rows are cut into 5, 3 and 2 strips.
    [1, 1],
    [2, 14 * 5],
    [1, 20 * 5],
  ])('gives the same values: a batch of %i, %i pixels', async (batch, stripPixels) => {
    const network = NETWORKS[name]?.({ dim: 6, blocks: 2, heads: 3 }) as Network;
    const shape: Four = [batch, 40, 5, 1];
    const inputs = { a: { shape }, b: { shape } };
    const model = compile(network.run, { inputs, params: network.params, stripPixels });
    const session = await openSession(model, { threads: 1 });
    const [a, b] = [image(shape, 31), image(shape, 32)];
    const stored = (x: Image): Image => ({ data: x.data, shape: [batch, 1, 40, 5] });
    const outputs = await session.run({ a: stored(a), b: stored(b) });
    await session.close();
    for (const [key, value] of Object.entries(onReference(network, { a, b }))) {
      expectClose(channelsLast(outputs[key] as Image), await reference.read(value), NETWORK);
    }
    // What is cut has a slice for each strip at least.
    expect(model.length).toBeGreaterThan(compile(network.run, { inputs, params: network.params }).length);
  });
});

function onReference(
  { run, params }: Network,
  inputs: Record<string, Image>,
): Readonly<Record<string, Tensor>> {
  const { ops }: { ops: Ops } = reference;
  const tensors = (arrays: Params<NdArray>): Record<string, Tensor> =>
    Object.fromEntries(Object.entries(arrays).map(([key, x]) => [key, ops.constant(toFloat64(x), x.shape)]));
  return run(ops, tensors(inputs), tensors(params));
}
