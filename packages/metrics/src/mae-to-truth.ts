import type { NdArray } from '@refusion/core';
import { grayPairOf, truthOf } from './gray.js';
import type { Metric } from './metric.js';

/**
 * Mean absolute error of the fused image and the ground truth T: `mean(|F - T|)`.
 *
 * @param fused gray `[H, W]`, values 0..255
 * @param truth gray `[H, W]`, the image that fusion should have given
 * @returns gray levels, in [0, 255], 0 if the two are equal
 * @throws ShapeError unless the two are `[H, W]`, of one shape, with at least one pixel
 * @throws OptionError if a value does not round to 0..255
 * @example
 * const fused = { data: Uint8Array.of(1, 2), shape: [1, 2] };
 * maeToTruth(fused, { data: Uint8Array.of(2, 5), shape: [1, 2] }); // 2
 *
 * Willmott and Matsuura 2005, Climate Research 30, 79-82 (a comparison with squared errors; the measure is older).
 */
export function maeToTruth(fused: NdArray, truth: NdArray): number {
  const pair = grayPairOf('maeToTruth', fused, truth);
  const [f, t] = [pair.fused.data, pair.truth.data];
  let sum = 0;
  for (let i = 0; i < f.length; i++) sum += Math.abs((f[i] as number) - (t[i] as number));
  return sum / f.length;
}

/** Mean absolute error to the ground truth, the same in every convention. */
export const MAE_R: Metric<'MAE-R'> = {
  id: 'MAE-R',
  name: 'mean absolute error to the ground truth',
  unit: 'gray level',
  range: [0, 255],
  better: 'lower',
  combine: 'truth',
  reference: 'Willmott and Matsuura 2005, Climate Research 30, 79-82',
  constant: 0,
  undefinedWhere: 'an OptionError without a truth',
  compute: (triplet) => maeToTruth(triplet.fused, truthOf('MAE-R', triplet)),
};
