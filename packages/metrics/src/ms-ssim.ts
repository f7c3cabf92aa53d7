import type { NdArray } from '@refusion/core';
import { GAUSSIAN_WINDOW, gaussianSsim } from './gaussian-ssim.js';
import { expectSide, type GrayTriplet, grayTripletOf } from './gray.js';
import type { Metric } from './metric.js';
import type { Plane } from './window.js';

/** Exponents of the scales, from the finest to the coarsest. */
const EXPONENTS = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
/** From here up the window fits into the image at the coarsest scale. */
const LEAST_SIDE = (GAUSSIAN_WINDOW - 1) * 2 ** (EXPONENTS.length - 1) + 1;

/** Means of 2x2 pixels; an odd last row or column stands for two. */
function halve({ data, height, width }: Plane): Plane {
  const [rows, columns] = [Math.ceil(height / 2), Math.ceil(width / 2)];
  const half = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const upper = 2 * row * width;
    const lower = Math.min(2 * row + 1, height - 1) * width;
    for (let column = 0; column < columns; column++) {
      const left = 2 * column;
      const right = Math.min(left + 1, width - 1);
      half[row * columns + column] =
        ((data[upper + left] as number) +
          (data[upper + right] as number) +
          (data[lower + left] as number) +
          (data[lower + right] as number)) /
        4;
    }
  }
  return { data: half, height: rows, width: columns };
}

function meanOverSources({ fused, a, b }: GrayTriplet): number {
  expectSide('msSsim', fused, LEAST_SIDE);
  let planes: readonly Plane[] = [fused, a, b];
  let [scoreA, scoreB] = [1, 1];
  for (const [scale, exponent] of EXPONENTS.entries()) {
    if (scale > 0) planes = planes.map(halve);
    const [x, ...sources] = planes as readonly [Plane, ...Plane[]];
    const last = scale === EXPONENTS.length - 1;
    const [factorA, factorB] = gaussianSsim(x, sources).map(({ ssim, contrast }) => (last ? ssim : contrast));
    scoreA *= (factorA as number) ** exponent;
    scoreB *= (factorB as number) ** exponent;
  }
  return (scoreA + scoreB) / 2;
}

/**
 * Multi-scale structural similarity, the mean over the two sources of
 *
 *     cs_1^0.0448 * cs_2^0.2856 * cs_3^0.3001 * cs_4^0.2363 * SSIM_5^0.1333
 *
 * with `SSIM` at scale j as in the `standard` convention (11x11 Gaussian windows, data range 255) and `cs` the mean of its
 * second factor, contrast and structure. From scale to scale, means of 2x2 pixels.
 *
 * @param fused gray `[H, W]`, at least 161x161, values 0..255
 * @param a gray `[H, W]`, the first source
 * @param b gray `[H, W]`, the second source; exchanging the two changes nothing
 * @returns a number in [0, 1], 1 if the three are equal; NaN where a factor is negative, as of an image and its negative
 * @throws ShapeError unless the three are `[H, W]`, of one shape, at least 161x161
 * @throws OptionError if a value does not round to 0..255
 * @example
 * const image = { data: new Uint8Array(161 * 161).fill(9), shape: [161, 161] };
 * msSsim(image, image, image); // 1
 *
 * Wang, Simoncelli and Bovik 2003, Asilomar Conference on Signals, Systems and Computers, 1398-1402.
 */
export function msSsim(fused: NdArray, a: NdArray, b: NdArray): number {
  return meanOverSources(grayTripletOf('msSsim', { fused, a, b }));
}

/** Multi-scale structural similarity, the same in every convention. */
export const MS_SSIM: Metric<'MS-SSIM'> = {
  id: 'MS-SSIM',
  name: 'multi-scale structural similarity',
  unit: '1',
  range: [0, 1],
  better: 'higher',
  combine: 'mean',
  reference:
    'Wang, Simoncelli and Bovik 2003, Asilomar Conference on Signals, Systems and Computers, 1398-1402',
  constant: 1,
  undefinedWhere:
    'NaN where at one of the scales the mean of contrast and structure is negative; a ShapeError below 161x161 pixels',
  compute: ({ fused, a, b }) => msSsim(fused, a, b),
};
