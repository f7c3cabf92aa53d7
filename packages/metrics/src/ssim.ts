import type { NdArray } from '@refusion/core';
import { type Convention, inConvention } from './convention.js';
import { GAUSSIAN_WINDOW, gaussianSsim } from './gaussian-ssim.js';
import { expectSide, type GrayImage, type GrayTriplet, grayTripletOf } from './gray.js';
import type { Metric } from './metric.js';

const WINDOW = 7;
const N = WINDOW * WINDOW;
// The Evaluator leaves the data range to scikit-image, which takes 2 (from -1 to 1) for floats, also on 0..255.
const DATA_RANGE = 2;
const SCALED_C1 = N * N * (0.01 * DATA_RANGE) ** 2;
const SCALED_C2 = N * (N - 1) * (0.03 * DATA_RANGE) ** 2;

/**
 * For each column, sums over the rows of the window: of x, of y, of x^2 + y^2 and of xy. WINDOW zeros stand before the
 * first column, so that the window slides in from outside the image.
 */
interface ColumnSums {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly squares: Float64Array;
  readonly products: Float64Array;
}

/** One row of an image; zeros above it. */
function rowOf({ data, width }: GrayImage, row: number): Float64Array {
  return row < 0 ? new Float64Array(width) : data.subarray(row * width, (row + 1) * width);
}

/**
 * SSIM of one window from its sums over N pixels, N^3 (N-1) times numerator and denominator, so that for whole gray
 * values nothing is rounded before C1 and C2 come in. The covariances are sample covariances, over N-1.
 */
function windowSsim(x: number, y: number, squares: number, products: number): number {
  const crossed = x * y;
  const squared = x * x + y * y;
  return (
    ((2 * crossed + SCALED_C1) * (2 * (N * products - crossed) + SCALED_C2)) /
    ((squared + SCALED_C1) * (N * squares - squared + SCALED_C2))
  );
}

/** Moves the windows down, to end in `row`, and gives the sum of their SSIM from left to right. */
function slideDown(sums: ColumnSums, imageX: GrayImage, imageY: GrayImage, row: number): number {
  const { x, y, squares, products } = sums;
  const [enterX, enterY] = [rowOf(imageX, row), rowOf(imageY, row)];
  const [leaveX, leaveY] = [rowOf(imageX, row - WINDOW), rowOf(imageY, row - WINDOW)];
  let [sumX, sumY, sumSquares, sumProducts] = [0, 0, 0, 0];
  let total = 0;
  for (let column = 0; column < enterX.length; column++) {
    const u = enterX[column] as number;
    const v = enterY[column] as number;
    const p = leaveX[column] as number;
    const q = leaveY[column] as number;
    // Because of the zeros in front, the column that enters the window has its sums at `enter`, the one that leaves at
    // `column`.
    const enter = column + WINDOW;
    const columnX = (x[enter] as number) + (u - p);
    const columnY = (y[enter] as number) + (v - q);
    const columnSquares = (squares[enter] as number) + (u * u + v * v - (p * p + q * q));
    const columnProducts = (products[enter] as number) + (u * v - p * q);
    x[enter] = columnX;
    y[enter] = columnY;
    squares[enter] = columnSquares;
    products[enter] = columnProducts;
    sumX += columnX - (x[column] as number);
    sumY += columnY - (y[column] as number);
    sumSquares += columnSquares - (squares[column] as number);
    sumProducts += columnProducts - (products[column] as number);
    if (column >= WINDOW - 1) total += windowSsim(sumX, sumY, sumSquares, sumProducts);
  }
  return total;
}

/** The mean SSIM of two images over all windows that lie inside them. */
function meanSsim(imageX: GrayImage, imageY: GrayImage): number {
  const { height, width } = imageX;
  const zeros = () => new Float64Array(WINDOW + width);
  const sums: ColumnSums = { x: zeros(), y: zeros(), squares: zeros(), products: zeros() };
  let total = 0;
  for (let row = 0; row < height; row++) {
    const sumOfRow = slideDown(sums, imageX, imageY, row);
    // Windows that end further up reach out of the image.
    if (row >= WINDOW - 1) total += sumOfRow;
  }
  return total / ((height - WINDOW + 1) * (width - WINDOW + 1));
}

function sumOverSources({ fused, a, b }: GrayTriplet): number {
  expectSide('ssim', fused, WINDOW);
  return meanSsim(fused, a) + meanSsim(fused, b);
}

function meanOverSources({ fused, a, b }: GrayTriplet): number {
  expectSide('ssim', fused, GAUSSIAN_WINDOW);
  const scores = gaussianSsim(fused, [a, b]);
  return scores.reduce((sum, { ssim }) => sum + ssim, 0) / 2;
}

const COMBINED = { evaluator: sumOverSources, matlab: meanOverSources, standard: meanOverSources };

/**
 * Structural similarity: of the fused image and each source, the mean over all windows inside the image of
 *
 *     (2 m_x m_y + C1) (2 s_xy + C2) / ((m_x^2 + m_y^2 + C1) (s_xx + s_yy + C2)),  C1 = (0.01 L)^2, C2 = (0.03 L)^2
 *
 * - `evaluator`: the sum over the sources; 7x7 windows with uniform weights, sample covariances (divided by 48) and a data
 *   range `L` of 2. That range does not fit values in 0..255, but it is what the Evaluator uses: scikit-image's default
 *   for floats.
 * - `matlab`, `standard`: the mean over the sources; 11x11 Gaussian windows with a standard deviation of 1.5, covariances
 *   with the window's own weights, `L` 255, as in the paper.
 *
 * @param fused gray `[H, W]`, at least 7x7 (11x11), values 0..255
 * @param a gray `[H, W]`, the first source
 * @param b gray `[H, W]`, the second source; exchanging the two changes nothing
 * @returns a number in [-2, 2], 2 if the three are equal; half of that in `matlab` and `standard`
 * @throws ShapeError unless the three are `[H, W]`, of one shape and at least 7x7 (11x11)
 * @throws OptionError if a value does not round to 0..255, or for an unknown convention
 * @example
 * const image = { data: new Uint8Array(64).fill(9), shape: [8, 8] };
 * ssim(image, image, image); // 2
 *
 * Wang, Bovik, Sheikh and Simoncelli 2004, IEEE Trans. Image Process. 13(4), 600-612, Eq. (13).
 */
export function ssim(fused: NdArray, a: NdArray, b: NdArray, convention: Convention = 'evaluator'): number {
  return inConvention('ssim', convention, COMBINED)(grayTripletOf('ssim', { fused, a, b }));
}

/** Structural similarity in the `evaluator` convention. */
export const SSIM: Metric<'SSIM'> = {
  id: 'SSIM',
  name: 'structural similarity',
  unit: '1',
  range: [-2, 2],
  better: 'higher',
  combine: 'sum',
  reference: 'Wang, Bovik, Sheikh and Simoncelli 2004, IEEE Trans. Image Process. 13(4), 600-612',
  constant: 2,
  undefinedWhere: 'a ShapeError below 7x7 pixels',
  compute: ({ fused, a, b }) => ssim(fused, a, b),
};

/** Structural similarity in the `matlab` and `standard` conventions. */
export const SSIM_GAUSSIAN: Metric<'SSIM'> = {
  ...SSIM,
  range: [-1, 1],
  combine: 'mean',
  constant: 1,
  undefinedWhere: 'a ShapeError below 11x11 pixels',
  compute: ({ fused, a, b }) => ssim(fused, a, b, 'standard'),
};
