import { reference } from '@refusion/autodiff';
import { FileError, mapParams, type NdArray, RefusionError, rng, ShapeError } from '@refusion/core';
import { picture } from '@refusion/image-io';
import { encodeSafetensors, fusionNetwork } from '@refusion/networks';
import { loadEngine } from '@refusion/tf';
import { describe, expect, it } from 'vitest';
import { fusePictures } from './fuse-pictures.js';
import { pipeline } from './pipeline.js';

const size = { dim: 4, blocks: 1, heads: 2, ffn: 1 };
const weights = fusionNetwork(size).init(rng(1));
const random = rng(2);
const a = picture(
  Uint8Array.from({ length: 48 }, () => random.integer(256)),
  [4, 4, 3],
);
const b = picture(
  Uint8Array.from({ length: 16 }, () => random.integer(256)),
  [4, 4],
);

describe('pipeline', () => {
  it('fuses as fusePictures does, from a file`s bytes and from arrays', async () => {
    const tensors = mapParams((x: NdArray) => reference.ops.constant(x.data, x.shape), weights);
    const expected = await fusePictures(reference, tensors, a, b, { tone: 'clip' });
    for (const given of [weights, encodeSafetensors(weights)]) {
      const fuse = await pipeline({ weights: given, engine: reference });
      expect(fuse.config).toEqual(size);
      expect(await fuse(a, b, { tone: 'clip' })).toEqual(expected);
    }
  });

  it('holds the parameters on the engine until it is disposed of', async () => {
    const engine = await loadEngine('cpu');
    const before = engine.tensorCount();
    const fuse = await pipeline({ weights, engine });
    const held = before + Object.keys(weights).length;
    expect(engine.tensorCount()).toBe(held);
    await fuse(a, b);
    await fuse(a, b);
    expect(engine.tensorCount()).toBe(held);
    fuse.dispose();
    fuse.dispose();
    expect(engine.tensorCount()).toBe(before);
    await expect(fuse(a, b)).rejects.toThrow(RefusionError);
    await expect(fuse(a, b)).rejects.toThrow('disposed of');
  });

  it('fuses pairs of one size together as one by one, with little memory too', async () => {
    const fuse = await pipeline({ weights, engine: reference });
    const pairs = [
      [a, b],
      [b, a],
      [b, b],
    ] as const;
    const expected = [await fuse(a, b), await fuse(b, a), await fuse(b, b)];
    expect(await fuse.together(pairs)).toEqual(expected);
    expect(await fuse.together(pairs, { memory: fuse.leastMemory(4, 4) })).toEqual(expected);
    expect(await fuse.together([])).toEqual([]);
    const other = picture(new Uint8Array(20), [4, 5]);
    await expect(fuse.together([...pairs, [other, other]])).rejects.toThrow(ShapeError);
    fuse.dispose();
    await expect(fuse.together(pairs)).rejects.toThrow('disposed of');
  });

  it('tells the least memory that pictures of a size need, and fuses with it', async () => {
    const fuse = await pipeline({ weights, engine: reference });
    for (const [height, width] of [
      [4, 4],
      [60, 3],
    ] as const) {
      const memory = fuse.leastMemory(height, width);
      const image = picture(new Uint8Array(height * width).fill(7), [height, width]);
      expect((await fuse(image, image, { memory })).raw.shape).toEqual([height, width]);
      await expect(fuse(image, image, { memory: memory - 1 })).rejects.toThrow('the least that works is');
    }
  });

  it('names the weights in errors', async () => {
    const engine = reference;
    const none = pipeline({ weights: {}, engine, name: 'https://example.org/f.safetensors' });
    await expect(none).rejects.toThrow(FileError);
    await expect(none).rejects.toThrow('https://example.org/f.safetensors: does not hold the weights');
    const short = pipeline({ weights: encodeSafetensors(weights).subarray(0, 900), engine });
    await expect(short).rejects.toThrow(FileError);
    await expect(short).rejects.toThrow(/^weights: not an intact safetensors file/);
  });
});
