import { type Engine, reference } from '@refusion/autodiff';
import { RefusionError, rng } from '@refusion/core';
import { type Picture, picture } from '@refusion/image-io';
import { fusionNetwork } from '@refusion/networks';
import { expectClose } from '@refusion/test-utils';
import { describe, expect, it, vi } from 'vitest';
import { pipeline } from '../pipeline.js';
import type { StageEngine } from '../strips/stage.js';
import { onnxStages } from './onnx-stages.js';

const compileSpy = vi.hoisted(() => vi.fn<typeof import('@refusion/onnx').compile>());
vi.mock('@refusion/onnx', async (original) => {
  const module = await original<typeof import('@refusion/onnx')>();
  return { ...module, compile: compileSpy.mockImplementation(module.compile) };
});

function randomPicture(seed: number, height: number, width: number): Picture {
  const random = rng(seed);
  const data = Uint8Array.from({ length: height * width }, () => random.integer(256));
  return picture(data, [height, width]);
}

describe.each([
  { dim: 4, blocks: 1, heads: 2, ffn: 1 },
  { dim: 6, blocks: 2, heads: 3, ffn: 1.5 },
  { dim: 16, blocks: 2, heads: 8, ffn: 2 },
])('F of $dim channels in onnxruntime', (config) => {
  const weights = fusionNetwork(config).init(rng(1));
  const [a, b] = [randomPicture(2, 47, 13), randomPicture(3, 47, 13)];

  async function fused(engine: Engine | StageEngine, share?: number): Promise<Float32Array> {
    const fuse = await pipeline({ weights, engine });
    const memory = share && share * fuse.leastMemory(47, 13);
    const { raw } = await fuse(a, b, { memory });
    fuse.dispose();
    return raw.data;
  }

  it('is F, whole and in strips', async () => {
    const expected = await fused(reference);
    const engine = onnxStages({ threads: 1 });
    // float32 against float64.
    expectClose(await fused(engine), expected, 1e-5);
    expectClose(await fused(engine, 1.02), expected, 1e-5);
    expectClose(await fused(engine, 1.2), expected, 1e-5);
  });
});

it('compiles for the size that comes first, and for any size as soon as there is another', async () => {
  const weights = fusionNetwork({ dim: 4, blocks: 1, heads: 2, ffn: 1 }).init(rng(1));
  const fuse = await pipeline({ weights, engine: onnxStages({ threads: 1 }) });
  compileSpy.mockClear();
  for (const size of [9, 9, 8, 9, 7]) {
    const [a, b] = [randomPicture(1, size, 5), randomPicture(2, size, 5)];
    await fuse(a, b);
  }
  fuse.dispose();
  const shapes = compileSpy.mock.calls.map(([, { inputs }]) => inputs['a']?.shape);
  expect(shapes).toEqual([
    [1, 9, 5, 1],
    ['B', 'H', 'W', 1],
  ]);
});

it('compiles for a size once enough pictures of it have come in a row, with the same result', async () => {
  const weights = fusionNetwork({ dim: 4, blocks: 1, heads: 2, ffn: 1 }).init(rng(1));
  const [own, other] = [
    await pipeline({ weights, engine: onnxStages({ threads: 1, fixedAfter: 480_000 }) }),
    await pipeline({ weights, engine: reference }),
  ];
  // 400 x 400 pixels: the third in a row makes 480,000. Another size starts again.
  const [a, b, small] = [randomPicture(5, 400, 400), randomPicture(6, 400, 400), randomPicture(7, 9, 9)];
  const { raw: first } = await own(a, b);
  for (let i = 0; i < 3; i++) expectClose((await own(a, b)).raw.data, first.data, 1e-6);
  expectClose((await own(small, small)).raw.data, (await other(small, small)).raw.data, 1e-5);
  expectClose((await own(a, b)).raw.data, first.data, 1e-6);
  own.dispose();
});

it('plans less memory for pictures that a model for their size evaluates', async () => {
  const weights = fusionNetwork().init(rng(1));
  const fuse = await pipeline({ weights, engine: onnxStages({ threads: 1 }) });
  // By hand: 2,304 bytes a pixel of any model, 640 and 300 MB of one for a size, which is wanted from 1.2 megapixels on.
  expect(fuse.wholeMemory(1000, 1199)).toBe(1000 * 1199 * 2304);
  expect(fuse.wholeMemory(1000, 1200)).toBe(1000 * 1200 * 640 + 300e6);
  // Too low to be cut into strips.
  expect(fuse.wholeMemory(255, 9000)).toBe(255 * 9000 * 2304);
  fuse.dispose();
  const wide = fusionNetwork({ dim: 32 }).init(rng(1));
  const other = await pipeline({ weights: wide, engine: onnxStages({ threads: 1 }) });
  expect(other.wholeMemory(1000, 1200)).toBe(1000 * 1200 * 2 * 2304);
  other.dispose();
});

it('fuses pictures of several sizes at the same time, and none after it was disposed of', async () => {
  const weights = fusionNetwork({ dim: 4, blocks: 1, heads: 2, ffn: 1 }).init(rng(1));
  const [own, other] = [
    await pipeline({ weights, engine: onnxStages({ threads: 1 }) }),
    await pipeline({ weights, engine: reference }),
  ];
  const sizes = [40, 9, 40, 31];
  const both = (size: number) => [randomPicture(size, size, 8), randomPicture(size + 1, size, 8)] as const;
  const memory = own.leastMemory(40, 8);
  const results = await Promise.all(sizes.map((size) => own(...both(size), { memory })));
  for (const [i, size] of sizes.entries()) {
    expectClose(results[i]?.raw.data ?? [], (await other(...both(size))).raw.data, 1e-5);
  }
  own.dispose();
  await expect(own(...both(4))).rejects.toThrow(RefusionError);
});
