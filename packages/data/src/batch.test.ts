import { type NdArray, OptionError, rng, ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { cropBatch, switchSources } from './batch.js';
import type { MappedPair, PairSource } from './pair-source.js';

/** Pairs whose a counts its pixels up from 1000 times the pair's number; b is the negative. */
function counting(...sizes: (readonly [height: number, width: number])[]): PairSource {
  return {
    length: sizes.length,
    name: (index) => `pair-${index}`,
    pair: async (index) => {
      const shape = [...(sizes[index] ?? [])];
      const [height = 0, width = 0] = shape;
      const a = Float32Array.from({ length: height * width }, (_, i) => 1000 * index + i);
      return { a: { data: a, shape }, b: { data: a.map((value) => -value), shape } };
    },
  };
}

const source = counting([7, 9], [5, 20]);

/** The same pairs with labels that tell a pixel. */
const labelled: PairSource<MappedPair<'labels'>> = {
  ...source,
  pair: async (index) => {
    const { a, b } = await source.pair(index);
    return { a, b, labels: { data: Uint8Array.from(a.data, (value) => value % 251), shape: a.shape } };
  },
};

describe('cropBatch', () => {
  it('cuts windows of the pictures, the same out of a and b', async () => {
    const { a, b } = await cropBatch(source, [0, 1, 1], { crop: 4, rng: rng(1) });
    expect(a.shape).toEqual([3, 4, 4, 1]);
    expect(b.shape).toEqual([3, 4, 4, 1]);
    expect(b.data).toEqual(a.data.map((value) => -value));
    const widths = [9, 20, 20];
    for (const [i, width] of widths.entries()) {
      const corner = a.data[16 * i] as number;
      const window = Array.from({ length: 16 }, (_, k) => corner + width * Math.floor(k / 4) + (k % 4));
      expect([...a.data.subarray(16 * i, 16 * (i + 1))]).toEqual(window);
      expect((corner % 1000) % width).toBeLessThanOrEqual(width - 4);
    }
  });

  it('reaches every place, and no other', async () => {
    const { a } = await cropBatch(source, new Array(400).fill(0), { crop: 5, rng: rng(2) });
    const corners = new Set(Array.from({ length: 400 }, (_, i) => a.data[25 * i] as number));
    const places = [0, 1, 2].flatMap((top) => [0, 1, 2, 3, 4].map((left) => 9 * top + left));
    expect([...corners].sort((p, q) => p - q)).toEqual(places);
  });

  it('takes the whole picture where the crop is as large', async () => {
    const { a } = await cropBatch(counting([3, 3]), [0], { crop: 3, rng: rng(2) });
    expect([...a.data]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('is the same for the same seed', async () => {
    const indices = [0, 1, 0, 1, 0, 1];
    const batch = (seed: number) => cropBatch(source, indices, { crop: 3, rng: rng(seed) });
    expect(await batch(5)).toEqual(await batch(5));
    expect((await batch(5)).a.data).not.toEqual((await batch(6)).a.data);
  });

  it('cuts further maps at the same places', async () => {
    const { a, targets } = await cropBatch(labelled, [0, 1, 1], { crop: 4, rng: rng(1), maps: ['labels'] });
    expect(targets?.labels).toEqual({ data: a.data.map((value) => value % 251), shape: [3, 4, 4, 1] });
    expect(targets?.a).toEqual(a);
    // Maps draw nothing: the crops are those without.
    expect((await cropBatch(source, [0, 1, 1], { crop: 4, rng: rng(1) })).a).toEqual(a);
  });

  it('turns further maps as it turns the pictures', async () => {
    const options = { crop: 4, symmetries: true, maps: ['labels'] } as const;
    const draws = new Array(64).fill(0);
    const { a, targets } = await cropBatch(labelled, draws, { ...options, rng: rng(1) });
    expect(targets?.labels.data).toEqual(a.data.map((value) => value % 251));
    expect(targets?.a).toEqual(a);
    // Both ways along the rows and along the columns: most of the crops were turned.
    expect(
      new Set(draws.map((_zero, i) => (a.data[16 * i + 1] as number) - (a.data[16 * i] as number))),
    ).toEqual(new Set([1, -1, 9, -9]));
  });

  it('names a map that is missing or of another size', async () => {
    const pairs = (labels: NdArray | null): PairSource<MappedPair<'labels'>> => ({
      ...source,
      pair: async (index) => ({ ...(await source.pair(index)), labels }),
    });
    const options = { crop: 2, rng: rng(1), maps: ['labels'] } as const;
    await expect(cropBatch(pairs(null), [0], options)).rejects.toThrow(
      'cropBatch: the pair "pair-0" has no map "labels"',
    );
    const small = { data: new Uint8Array(4), shape: [2, 2] };
    await expect(cropBatch(pairs(small), [0], options)).rejects.toThrow(
      'cropBatch: labels must have the shape of a [7,9], got [2,2]',
    );
  });

  it('turns and mirrors on request, a and b alike, in all 8 ways', async () => {
    const square = counting([2, 2]);
    const indices = new Array(64).fill(0);
    const { a, b, names } = await cropBatch(square, indices, { crop: 2, symmetries: true, rng: rng(3) });
    expect(b.data).toEqual(a.data.map((value) => -value));
    expect(names?.slice(0, 2)).toEqual(['pair-0', 'pair-0']);
    const seen = new Set(indices.map((_zero, i) => a.data.subarray(4 * i, 4 * i + 4).join('')));
    // The square 0 1 / 2 3, and what a quarter turn and a mirror make of it, by hand.
    const turns = ['0123', '2031', '3210', '1302', '1032', '3120', '2301', '0213'];
    expect([...seen].sort()).toEqual(turns.sort());
  });

  it('turns a window without leaving it', async () => {
    const options = { crop: 3, rng: rng(8) };
    const plain = await cropBatch(counting([3, 3]), [0], options);
    const turned = await cropBatch(counting([3, 3]), new Array(32).fill(0), { ...options, symmetries: true });
    for (let i = 0; i < 32; i++) {
      const pixels = [...turned.a.data.subarray(9 * i, 9 * i + 9)].sort((p, q) => p - q);
      expect(pixels).toEqual([...plain.a.data]);
    }
  });

  it('names a pair that is too small', async () => {
    const batch = cropBatch(source, [0, 1], { crop: 6, rng: rng(1) });
    await expect(batch).rejects.toThrow(ShapeError);
    await expect(batch).rejects.toThrow(
      '"pair-1" has 20x5 pixels, less than the crop of 6x6; choose a smaller crop or leave the pair out',
    );
  });

  it('refuses a pair of two sizes, no indices and no crop', async () => {
    const bad: PairSource = {
      ...source,
      pair: async () => ({ a: (await source.pair(0)).a, b: (await source.pair(1)).b }),
    };
    await expect(cropBatch(bad, [0], { crop: 2, rng: rng(1) })).rejects.toThrow(
      'cropBatch: b must have the shape of a [7,9], got [5,20]',
    );
    await expect(cropBatch(source, [], { crop: 2, rng: rng(1) })).rejects.toThrow(OptionError);
    await expect(cropBatch(source, [0], { crop: 0, rng: rng(1) })).rejects.toThrow(OptionError);
  });
});

describe('switchSources', () => {
  it('appends every pair exchanged, and keeps the order of the targets', async () => {
    const [a, b] = [
      { data: Float32Array.of(1, 2), shape: [2, 1, 1, 1] },
      { data: Float32Array.of(3, 4), shape: [2, 1, 1, 1] },
    ];
    const shape = [4, 1, 1, 1];
    expect(switchSources({ a, b })).toEqual({
      a: { data: Float32Array.of(1, 2, 3, 4), shape },
      b: { data: Float32Array.of(3, 4, 1, 2), shape },
      targets: {
        a: { data: Float32Array.of(1, 2, 1, 2), shape },
        b: { data: Float32Array.of(3, 4, 3, 4), shape },
      },
    });
  });

  it('keeps the order of further maps too', () => {
    const map = (value: number) => ({ data: Float32Array.of(value), shape: [1, 1, 1, 1] });
    const [a, b, labels] = [map(1), map(2), map(3)];
    const { targets } = switchSources({ a, b, targets: { a, b, labels } });
    expect(targets?.labels).toEqual({ data: Float32Array.of(3, 3), shape: [2, 1, 1, 1] });
    expect([...(targets?.b.data ?? [])]).toEqual([2, 2]);
  });
});
