import { type Engine, type Float64Tensor, reference, type Tensor } from '@refusion/autodiff';
import { mapParams, type NdArray, rng, ShapeError } from '@refusion/core';
import { fusionNetwork, type NetworkConfig } from '@refusion/networks';
import { expectClose } from '@refusion/test-utils';
import { loadEngine } from '@refusion/tf';
import { describe, expect, it } from 'vitest';
import { engineRunner } from './engine-runner.js';
import { evaluateStrips } from './evaluate-strips.js';
import type { RowSource } from './row-source.js';

const CONFIGS = [
  { dim: 4, blocks: 1, heads: 2, ffn: 1 },
  { dim: 6, blocks: 2, heads: 3, ffn: 1.5 },
  { dim: 3, blocks: 3, heads: 1, ffn: 2 },
];

function randomSource(seed: number, height: number, width: number): RowSource & { all: Float32Array } {
  const random = rng(seed);
  const all = Float32Array.from({ length: height * width }, random.uniform);
  return { all, height, width, rows: (start, end) => all.slice(start * width, end * width) };
}

type Sources = readonly [ReturnType<typeof randomSource>, ReturnType<typeof randomSource>];
const sourcesOf = (height: number, width: number): Sources => [
  randomSource(2, height, width),
  randomSource(3, height, width),
];

const weightsOf = (config: NetworkConfig) => fusionNetwork(config).init(rng(1));

/** F on the whole picture, in float64. */
function whole(config: NetworkConfig, [a, b]: Sources): Float64Array {
  const { ops } = reference;
  const params = mapParams((x: NdArray): Tensor => ops.constant(x.data, x.shape), weightsOf(config));
  const image = ({ all, height, width }: Sources[0]): Tensor => ops.constant(all, [1, height, width, 1]);
  return (fusionNetwork(config).apply(ops, params, image(a), image(b)) as Float64Tensor).data;
}

/** F in strips. */
async function inStrips(
  engine: Engine,
  config: NetworkConfig,
  sources: Sources,
  plan: { stripHeight: number; keptRows: number },
): Promise<Float64Array> {
  const weights = weightsOf(config);
  const params = mapParams((x: NdArray): Tensor => engine.ops.constant(x.data, x.shape), weights);
  const [{ width, height }] = sources;
  const fused = new Float64Array(width * height).fill(Number.NaN);
  const runner = engineRunner(engine, params);
  const before = engine.tensorCount();
  await evaluateStrips({
    config,
    runner,
    sources,
    plan,
    onRows: (start, values) => fused.set(values, start * width),
  });
  expect(engine.tensorCount()).toBe(before);
  engine.release(params);
  return fused;
}

describe.each(CONFIGS)('F in strips, $dim channels, $blocks blocks, $heads heads', (config) => {
  const sources = sourcesOf(17, 5);
  const expected = whole(config, sources);

  it.each([
    // One strip, strips that divide the height and that do not, strips lower than every halo; nothing kept, all, some.
    [17, 0],
    [6, 0],
    [6, 17],
    [6, 11],
    [3, 17],
    [1, 0],
    [1, 9],
    [30, 50],
  ])('of %d rows with %d kept equals F on the whole picture', async (stripHeight, keptRows) => {
    // Both compute in float64; only the order of the sums differs.
    expectClose(await inStrips(reference, config, sources, { stripHeight, keptRows }), expected, 1e-12);
  });
});

describe.each([
  [1, 1],
  [1, 9],
  [17, 1],
  [2, 3],
])('a picture of %d x %d', (height, width) => {
  it('is evaluated in strips too', async () => {
    const [config] = CONFIGS as [NetworkConfig];
    const sources = sourcesOf(height, width);
    const fused = await inStrips(reference, config, sources, { stripHeight: 2, keptRows: 1 });
    expectClose(fused, whole(config, sources), 1e-12);
  });
});

it('equals the whole picture within 1e-5 on an engine of float32, and keeps no tensor', async () => {
  const engine = await loadEngine('wasm');
  for (const config of CONFIGS) {
    const sources = sourcesOf(41, 13);
    const fused = await inStrips(engine, config, sources, { stripHeight: 6, keptRows: 20 });
    expectClose(fused, whole(config, sources), 1e-5);
  }
});

it('tells how far it is, and refuses sources of different sizes', async () => {
  const config = CONFIGS[0] as NetworkConfig;
  const weights = weightsOf(config);
  const params = mapParams((x: NdArray): Tensor => reference.ops.constant(x.data, x.shape), weights);
  const steps: [number, number][] = [];
  const options = {
    config,
    runner: engineRunner(reference, params),
    plan: { stripHeight: 4, keptRows: 0 },
    onRows: () => {},
    onStrip: (done: number, total: number) => steps.push([done, total]),
  };
  await evaluateStrips({ ...options, sources: sourcesOf(6, 4) });
  // Two strips, and passes for one encoder block, the module, one decoder block and the picture.
  expect(steps).toEqual(Array.from({ length: 8 }, (_unused, i) => [i + 1, 8]));
  const sources = [randomSource(1, 6, 4), randomSource(1, 6, 5)] as const;
  const running = evaluateStrips({ ...options, sources });
  await expect(running).rejects.toThrow(ShapeError);
  await expect(running).rejects.toThrow('evaluateStrips: b must have the size of a, 4x6, got 5x6');
});
