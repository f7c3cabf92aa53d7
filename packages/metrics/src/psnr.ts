import type { NdArray } from '@refusion/core';
import { type Convention, inConvention } from './convention.js';
import { type GrayTriplet, grayTripletOf } from './gray.js';
import { squaredErrorOf } from './mean-squared-error.js';
import type { Metric } from './metric.js';

function greatestOf(values: Float64Array): number {
  let greatest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) greatest = Math.max(greatest, values[i] as number);
  return greatest;
}

const RATIOS = {
  evaluator: (images: GrayTriplet) =>
    10 * Math.log10(greatestOf(images.fused.data) ** 2 / images.once(squaredErrorOf)),
  matlab: (images: GrayTriplet) => 20 * Math.log10(255 / Math.sqrt(images.once(squaredErrorOf) / 255 ** 2)),
  standard: (images: GrayTriplet) => 10 * Math.log10(255 ** 2 / images.once(squaredErrorOf)),
};

/**
 * Peak signal-to-noise ratio: `PSNR = 10 log10(peak^2 / MSE)`, MSE the mean of the two sources' errors.
 *
 * - `evaluator`: the peak is the greatest value of the fused image.
 * - `matlab`: the peak is 255, but the error is that of images in 0..1: 48.1 dB more than `standard`.
 * - `standard`: the peak is 255.
 *
 * @param fused gray `[H, W]`, values 0..255
 * @param a gray `[H, W]`, the first source
 * @param b gray `[H, W]`, the second source; exchanging the two changes nothing
 * @returns decibels; Infinity where the fused image equals both sources. In `evaluator`, of a black fused image,
 *   -Infinity, or NaN if the sources are black too
 * @throws ShapeError unless the three are `[H, W]`, of one shape, with at least one pixel
 * @throws OptionError if a value does not round to 0..255, or for an unknown convention
 * @example
 * const [high, low] = [200, 180].map((value) => ({ data: Uint8Array.of(value), shape: [1, 1] }));
 * psnr(high, low, low); // 20
 *
 * Jagalingam and Hegde 2015, Aquatic Procedia 4, 133-142.
 */
export function psnr(fused: NdArray, a: NdArray, b: NdArray, convention: Convention = 'evaluator'): number {
  return inConvention('psnr', convention, RATIOS)(grayTripletOf('psnr', { fused, a, b }));
}

/** Peak signal-to-noise ratio in the `evaluator` convention. */
export const PSNR: Metric<'PSNR'> = {
  id: 'PSNR',
  name: 'peak signal-to-noise ratio',
  unit: 'dB',
  range: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  better: 'higher',
  combine: 'mean',
  reference: 'Jagalingam and Hegde 2015, Aquatic Procedia 4, 133-142',
  constant: Number.POSITIVE_INFINITY,
  undefinedWhere:
    'Infinity where the fused image equals both sources; of a black fused image -Infinity, or NaN if the sources are black too',
  compute: (triplet) => RATIOS.evaluator(grayTripletOf('psnr', triplet)),
};

/** Peak signal-to-noise ratio in the `matlab` convention. */
export const PSNR_MATLAB: Metric<'PSNR'> = {
  ...PSNR,
  range: [20 * Math.log10(255), Number.POSITIVE_INFINITY],
  undefinedWhere: 'Infinity where the fused image equals both sources',
  compute: (triplet) => RATIOS.matlab(grayTripletOf('psnr', triplet)),
};

/** Peak signal-to-noise ratio in the `standard` convention. */
export const PSNR_STANDARD: Metric<'PSNR'> = {
  ...PSNR_MATLAB,
  range: [0, Number.POSITIVE_INFINITY],
  compute: (triplet) => RATIOS.standard(grayTripletOf('psnr', triplet)),
};
