import type { NdArray } from '@refusion/core';
import { type Convention, inConvention } from './convention.js';
import { type GrayTriplet, grayTripletOf } from './gray.js';
import type { Metric } from './metric.js';
import { correlation, meanOf } from './statistics.js';

/** The mean of both correlations, B deviating from `centreB`. */
function meanCorrelation({ fused, a, b }: GrayTriplet, centreB: number): number {
  const meanF = fused.once(meanOf);
  const withA = correlation(fused.data, meanF, a.data, a.once(meanOf));
  const withB = correlation(fused.data, meanF, b.data, centreB);
  return (withA + withB) / 2;
}

const fromOwnMean = (triplet: GrayTriplet): number => meanCorrelation(triplet, triplet.b.once(meanOf));
/** The toolbox subtracts the mean of A from B too: a slip, which the tables made with it contain. */
const fromMeanOfA = (triplet: GrayTriplet): number => meanCorrelation(triplet, triplet.a.once(meanOf));

const COEFFICIENTS = {
  evaluator: fromOwnMean,
  matlab: fromMeanOfA,
  standard: fromOwnMean,
};

/**
 * Correlation coefficient: `CC = (r_A + r_B) / 2`, `r_S = sum (S - m_S)(F - m_F) / sqrt(sum (S - m_S)^2 sum (F - m_F)^2)`.
 *
 * - `evaluator`, `standard`: `m` is each image's mean, and `r` Pearson's correlation.
 * - `matlab`: `m_B` is the mean of A too, a slip of that toolbox; exchanging the sources changes the score.
 *
 * @param fused gray `[H, W]`, values 0..255
 * @param a gray `[H, W]`, the first source
 * @param b gray `[H, W]`, the second source
 * @returns a number in [-1, 1]; NaN where an image is constant
 * @throws ShapeError unless the three are `[H, W]`, of one shape, with at least one pixel
 * @throws OptionError if a value does not round to 0..255, or for an unknown convention
 * @example
 * const a = { data: Uint8Array.of(0, 10, 0, 10), shape: [2, 2] };
 * const b = { data: Uint8Array.of(0, 0, 20, 20), shape: [2, 2] };
 * correlationCoefficient(a, a, b); // 0.5
 *
 * Deshmukh and Bhosale 2010, Int. J. Image Process. 4(5), 484-508.
 */
export function correlationCoefficient(
  fused: NdArray,
  a: NdArray,
  b: NdArray,
  convention: Convention = 'evaluator',
): number {
  const coefficient = inConvention('correlationCoefficient', convention, COEFFICIENTS);
  return coefficient(grayTripletOf('correlationCoefficient', { fused, a, b }));
}

/** Correlation coefficient in the `evaluator` and `standard` conventions. */
export const CC: Metric<'CC'> = {
  id: 'CC',
  name: 'correlation coefficient',
  unit: '1',
  range: [-1, 1],
  better: 'higher',
  combine: 'mean',
  reference: 'Deshmukh and Bhosale 2010, Int. J. Image Process. 4(5), 484-508',
  constant: Number.NaN,
  undefinedWhere: 'NaN where the fused image or a source is constant',
  compute: ({ fused, a, b }) => correlationCoefficient(fused, a, b),
};

/** Correlation coefficient in the `matlab` convention. */
export const CC_MATLAB: Metric<'CC'> = {
  ...CC,
  undefinedWhere:
    'NaN where the fused image or the first source is constant, or the second is the mean of the first everywhere',
  compute: ({ fused, a, b }) => correlationCoefficient(fused, a, b, 'matlab'),
};
