import type { NdArray } from '@refusion/core';
import { type Convention, inConvention } from './convention.js';
import { type GrayTriplet, grayTripletOf } from './gray.js';
import type { Metric } from './metric.js';
import { meanSquaredError as errorOf } from './statistics.js';

/** The mean of the two sources' mean squared errors, of gray levels 0..255. */
export function squaredErrorOf({ fused, a, b }: GrayTriplet): number {
  return (errorOf(fused.data, a.data) + errorOf(fused.data, b.data)) / 2;
}

const UNITS = { evaluator: 1, matlab: 255 ** 2, standard: 1 };

/**
 * Mean squared error: `MSE = (mean((F - A)^2) + mean((F - B)^2)) / 2`. `matlab` takes it of images in 0..1: 255^2 times
 * less.
 *
 * @param fused gray `[H, W]`, values 0..255
 * @param a gray `[H, W]`, the first source
 * @param b gray `[H, W]`, the second source; exchanging the two changes nothing
 * @returns squared gray levels, in [0, 65025]; in [0, 1] in `matlab`
 * @throws ShapeError unless the three are `[H, W]`, of one shape, with at least one pixel
 * @throws OptionError if a value does not round to 0..255, or for an unknown convention
 * @example
 * const [one, four] = [1, 4].map((value) => ({ data: Uint8Array.of(value), shape: [1, 1] }));
 * meanSquaredError(one, one, four); // 4.5
 *
 * Jagalingam and Hegde 2015, Aquatic Procedia 4, 133-142.
 */
export function meanSquaredError(
  fused: NdArray,
  a: NdArray,
  b: NdArray,
  convention: Convention = 'evaluator',
): number {
  const unit = inConvention('meanSquaredError', convention, UNITS);
  return squaredErrorOf(grayTripletOf('meanSquaredError', { fused, a, b })) / unit;
}

/** Mean squared error in the `evaluator` and `standard` conventions. */
export const MSE: Metric<'MSE'> = {
  id: 'MSE',
  name: 'mean squared error',
  unit: 'gray level^2',
  range: [0, 255 ** 2],
  better: 'lower',
  combine: 'mean',
  reference: 'Jagalingam and Hegde 2015, Aquatic Procedia 4, 133-142',
  constant: 0,
  undefinedWhere: null,
  compute: (triplet) => grayTripletOf('meanSquaredError', triplet).once(squaredErrorOf),
};

/** Mean squared error in the `matlab` convention. */
export const MSE_MATLAB: Metric<'MSE'> = {
  ...MSE,
  unit: '1',
  range: [0, 1],
  compute: (triplet) => grayTripletOf('meanSquaredError', triplet).once(squaredErrorOf) / UNITS.matlab,
};
