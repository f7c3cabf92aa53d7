import type { NdArray } from '@refusion/core';
import { grayPairOf, truthOf } from './gray.js';
import type { Metric } from './metric.js';
import { meanSquaredError } from './statistics.js';

/**
 * Peak signal-to-noise ratio of the fused image and the ground truth T: `10 log10(255^2 / mean((F - T)^2))`.
 *
 * @param fused gray `[H, W]`, values 0..255
 * @param truth gray `[H, W]`, the image that fusion should have given
 * @returns decibels, at least 0; Infinity where the two are equal
 * @throws ShapeError unless the two are `[H, W]`, of one shape, with at least one pixel
 * @throws OptionError if a value does not round to 0..255
 * @example
 * const [white, dark] = [255, 229.5].map((value) => ({ data: Float64Array.of(value), shape: [1, 1] }));
 * psnrToTruth(white, dark); // 20
 *
 * Wang and Bovik 2009, IEEE Signal Process. Mag. 26(1), 98-117.
 */
export function psnrToTruth(fused: NdArray, truth: NdArray): number {
  const pair = grayPairOf('psnrToTruth', fused, truth);
  return 10 * Math.log10(255 ** 2 / meanSquaredError(pair.fused.data, pair.truth.data));
}

/** Peak signal-to-noise ratio to the ground truth, the same in every convention. */
export const PSNR_R: Metric<'PSNR-R'> = {
  id: 'PSNR-R',
  name: 'peak signal-to-noise ratio to the ground truth',
  unit: 'dB',
  range: [0, Number.POSITIVE_INFINITY],
  better: 'higher',
  combine: 'truth',
  reference: 'Wang and Bovik 2009, IEEE Signal Process. Mag. 26(1), 98-117',
  constant: Number.POSITIVE_INFINITY,
  undefinedWhere: 'Infinity where the fused image equals the truth; an OptionError without a truth',
  compute: (triplet) => psnrToTruth(triplet.fused, truthOf('PSNR-R', triplet)),
};
