import type { NdArray } from '@refusion/core';
import { GAUSSIAN_WINDOW, gaussianSsim, type MeanSsim } from './gaussian-ssim.js';
import { expectSide, grayPairOf, truthOf } from './gray.js';
import type { Metric } from './metric.js';

/**
 * Structural similarity of the fused image and the ground truth, as in the `standard` convention: 11x11 Gaussian windows
 * with a standard deviation of 1.5, data range 255.
 *
 * @param fused gray `[H, W]`, at least 11x11, values 0..255
 * @param truth gray `[H, W]`, the image that fusion should have given
 * @returns a number in [-1, 1], 1 if the two are equal
 * @throws ShapeError unless the two are `[H, W]`, of one shape, at least 11x11
 * @throws OptionError if a value does not round to 0..255
 * @example
 * const image = { data: new Uint8Array(121).fill(9), shape: [11, 11] };
 * ssimToTruth(image, image); // 1
 *
 * Wang, Bovik, Sheikh and Simoncelli 2004, IEEE Trans. Image Process. 13(4), 600-612, Eq. (13).
 */
export function ssimToTruth(fused: NdArray, truth: NdArray): number {
  const pair = grayPairOf('ssimToTruth', fused, truth);
  expectSide('ssimToTruth', pair.fused, GAUSSIAN_WINDOW);
  const [{ ssim }] = gaussianSsim(pair.fused, [pair.truth]) as [MeanSsim];
  return ssim;
}

/** Structural similarity to the ground truth, the same in every convention. */
export const SSIM_R: Metric<'SSIM-R'> = {
  id: 'SSIM-R',
  name: 'structural similarity to the ground truth',
  unit: '1',
  range: [-1, 1],
  better: 'higher',
  combine: 'truth',
  reference: 'Wang, Bovik, Sheikh and Simoncelli 2004, IEEE Trans. Image Process. 13(4), 600-612',
  constant: 1,
  undefinedWhere: 'a ShapeError below 11x11 pixels; an OptionError without a truth',
  compute: (triplet) => ssimToTruth(triplet.fused, truthOf('SSIM-R', triplet)),
};
