import type { NdArray } from '@refusion/core';
import { expectSide, type GrayTriplet, grayTripletOf } from './gray.js';
import type { Metric } from './metric.js';
import { PLACES, SIDE, WindowDistribution } from './window-distribution.js';

/** Pearson's correlation of the shares themselves, whose mean is 1/9. */
function correlationOf(f: WindowDistribution, s: WindowDistribution): number {
  let product = 0;
  let squaresF = 0;
  let squaresS = 0;
  for (let place = 0; place < PLACES; place++) {
    const x = (f.shares[place] as number) - 1 / PLACES;
    const y = (s.shares[place] as number) - 1 / PLACES;
    product += x * y;
    squaresF += x * x;
    squaresS += y * y;
  }
  return product / Math.sqrt(squaresF * squaresS);
}

/**
 * The joint distribution of two places with these shares that has the greatest correlation there is (Fréchet's upper
 * bound), or the least: the shares are laid side by side along [0, 1], in the same or in opposite directions, and the
 * overlaps are the joint shares.
 * @returns the covariance of the two places
 */
function extremeJoint(
  f: WindowDistribution,
  s: WindowDistribution,
  opposite: boolean,
  joint: Float64Array,
): number {
  let meanF = 0;
  let meanS = 0;
  let meanProduct = 0;
  for (let i = 0; i < PLACES; i++) {
    const startF = f.before[i] as number;
    const endF = f.before[i + 1] as number;
    for (let j = 0; j < PLACES; j++) {
      const startS = opposite ? 1 - (s.before[j + 1] as number) : (s.before[j] as number);
      const endS = opposite ? 1 - (s.before[j] as number) : (s.before[j + 1] as number);
      const overlap = Math.max(0, Math.min(endF, endS) - Math.max(startF, startS));
      joint[i * PLACES + j] = overlap;
      meanProduct += overlap * i * j;
    }
    meanF += i * (f.shares[i] as number);
    meanS += i * (s.shares[i] as number);
  }
  return meanProduct - meanF * meanS;
}

/** The information that two windows share, divided by their mean entropy. */
function sharedInformation(f: WindowDistribution, s: WindowDistribution, joint: Float64Array): number {
  if (f.hasValuesOf(s)) return 1;
  if (f.isUniform || s.isUniform || f.deviation === 0 || s.deviation === 0) return 0;
  const correlation = correlationOf(f, s);
  const covariance = extremeJoint(f, s, correlation < 0, joint);
  const extreme = (correlation * f.deviation * s.deviation) / covariance;
  let jointEntropy = 0;
  for (let i = 0; i < PLACES; i++) {
    for (let j = 0; j < PLACES; j++) {
      const independent = (f.shares[i] as number) * (s.shares[j] as number);
      const share = extreme * (joint[i * PLACES + j] as number) + (1 - extreme) * independent;
      // Where `extreme` is above 1 some shares are negative; the published program takes the real part, as is done here.
      if (share !== 0) jointEntropy -= share * Math.log(Math.abs(share));
    }
  }
  const entropies = f.entropy + s.entropy;
  return (2 * (entropies - jointEntropy)) / entropies;
}

function meanOverWindows({ fused, a, b }: GrayTriplet): number {
  expectSide('fmi', fused, SIDE);
  const ofFused = new WindowDistribution(fused);
  const ofA = new WindowDistribution(a);
  const ofB = new WindowDistribution(b);
  const joint = new Float64Array(PLACES * PLACES);
  const [rows, columns] = [fused.height - SIDE + 1, fused.width - SIDE + 1];
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      ofFused.moveTo(row, column);
      ofA.moveTo(row, column);
      ofB.moveTo(row, column);
      sum += sharedInformation(ofFused, ofA, joint) + sharedInformation(ofFused, ofB, joint);
    }
  }
  return sum / (2 * rows * columns);
}

/**
 * Feature mutual information, the features being the pixels themselves: the mean over all 3x3 windows and both sources S
 * of `2 I(F, S) / (H(F) + H(S))`, 1 where the two windows are equal.
 *
 * A window stands for the distribution of a place among its nine, column by column, with shares proportional to the gray
 * values above their minimum (uniform where they are equal). Of the joint distribution of two windows, the correlation `c`
 * of their shares is taken for that of the places: it is `phi E + (1 - phi) p_F p_S` with `E` the joint distribution of
 * the greatest correlation there is (the least, for a negative `c`) and `phi = c / corr(E)`; 0 where a window is constant
 * or has one value above its minimum.
 *
 * This is the fast variant of 2014, of which the authors' program is in use. It is by far the slowest of the metrics.
 *
 * @param fused gray `[H, W]`, at least 3x3, values 0..255
 * @param a gray `[H, W]`, the first source
 * @param b gray `[H, W]`, the second source; exchanging the two changes nothing
 * @returns at least 0, 1 if the three are equal; a little more is possible, since the joint distribution is approximate.
 *   Exchanging rows and columns changes it slightly
 * @throws ShapeError unless the three are `[H, W]`, of one shape, at least 3x3
 * @throws OptionError if a value does not round to 0..255
 * @example
 * const image = { data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), shape: [3, 3] };
 * fmi(image, image, image); // 1
 *
 * Haghighat, Aghagolzadeh and Seyedarabi 2011, Comput. Electr. Eng. 37(5), 744-756; Haghighat and Razian 2014, 8th
 * International Conference on Application of Information and Communication Technologies.
 */
export function fmi(fused: NdArray, a: NdArray, b: NdArray): number {
  return meanOverWindows(grayTripletOf('fmi', { fused, a, b }));
}

/** Feature mutual information, the same in every convention. */
export const FMI: Metric<'FMI'> = {
  id: 'FMI',
  name: 'feature mutual information of pixels',
  unit: '1',
  // The joint distribution is an approximation: of some windows it gives a little more than 1.
  range: [0, Number.POSITIVE_INFINITY],
  better: 'higher',
  combine: 'mean',
  reference: 'Haghighat, Aghagolzadeh and Seyedarabi 2011, Comput. Electr. Eng. 37(5), 744-756',
  constant: 1,
  undefinedWhere: 'a ShapeError below 3x3 pixels',
  compute: ({ fused, a, b }) => fmi(fused, a, b),
};
