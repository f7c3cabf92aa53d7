import {
  expectInteger,
  expectSameShape,
  type NdArray,
  OptionError,
  type Rng,
  ShapeError,
} from '@refusion/core';
import type { PairSource } from './pair-source.js';

/** Gray pictures `[B, H, W, 1]`, float32, in [0, 1]. */
export interface PairBatch {
  readonly a: NdArray<Float32Array>;
  readonly b: NdArray<Float32Array>;
  /** The sources in the order that a reconstruction is compared with, where `a` and `b` are in another. */
  readonly targets?: { readonly a: NdArray<Float32Array>; readonly b: NdArray<Float32Array> };
}

/**
 * A batch of square crops, one of each pair named, at random places; a and b of a pair are cut at the same.
 * @param indices the pairs' numbers; a number given twice gives two crops.
 * @param options `crop`, the side in pixels; `rng`, which places the crops in the order of `indices`.
 * @returns `[B, crop, crop, 1]`.
 * @throws ShapeError if a pair is smaller than the crop, or of two sizes; OptionError if there are no indices.
 */
export async function cropBatch(
  source: PairSource,
  indices: readonly number[],
  { crop, rng }: { crop: number; rng: Rng },
): Promise<PairBatch> {
  expectInteger('cropBatch', 'crop', crop, 1);
  if (indices.length === 0) throw new OptionError('cropBatch: indices must name at least one pair, got none');
  const pairs = await Promise.all(indices.map((index) => source.pair(index)));
  const shape = [indices.length, crop, crop, 1];
  const [a, b] = [
    new Float32Array(indices.length * crop * crop),
    new Float32Array(indices.length * crop * crop),
  ];
  pairs.forEach((pair, i) => {
    expectSameShape('cropBatch', 'b', pair.b, 'a', pair.a);
    const [height = 0, width = 0] = pair.a.shape;
    if (height < crop || width < crop) {
      throw new ShapeError(
        `"${source.name(indices[i] as number)}" has ${width}x${height} pixels, less than the crop of ${crop}x${crop}; choose a smaller crop or leave the pair out`,
      );
    }
    const top = rng.integer(height - crop + 1);
    const left = rng.integer(width - crop + 1);
    for (let row = 0; row < crop; row++) {
      const from = (top + row) * width + left;
      const to = (i * crop + row) * crop;
      a.set(pair.a.data.subarray(from, from + crop), to);
      b.set(pair.b.data.subarray(from, from + crop), to);
    }
  });
  return { a: { data: a, shape }, b: { data: b, shape } };
}

/**
 * Doubles a batch: each pair as it is and, in the second half, with its sources exchanged. The targets of the
 * reconstruction keep their order (the authors' "switch").
 */
export function switchSources({ a, b }: PairBatch): PairBatch {
  return { a: joined(a, b), b: joined(b, a), targets: { a: joined(a, a), b: joined(b, b) } };
}

function joined(first: NdArray<Float32Array>, second: NdArray<Float32Array>): NdArray<Float32Array> {
  const data = new Float32Array(first.data.length + second.data.length);
  data.set(first.data);
  data.set(second.data, first.data.length);
  const [count = 0, ...image] = first.shape;
  return { data, shape: [2 * count, ...image] };
}
