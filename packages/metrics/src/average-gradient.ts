import type { NdArray } from '@refusion/core';
import { type Convention, inConvention } from './convention.js';
import { expectSide, type GrayImage, grayOf } from './gray.js';
import type { Metric } from './metric.js';

/**
 * The sum of the gradient's magnitude over the elements `first` to `last`, which are one row; `above` and `below` are
 * the steps to the rows around it, 0 where there is none.
 */
function sumAlongRow(data: Float64Array, first: number, last: number, above: number, below: number): number {
  const perRow = above === below ? 0.5 : 1;
  let sum = 0;
  for (let i = first; i <= last; i++) {
    const left = i === first ? 0 : 1;
    const right = i === last ? 0 : 1;
    const perColumn = left === right ? 0.5 : 1;
    const gx = ((data[i + right] as number) - (data[i - left] as number)) * perColumn;
    const gy = ((data[i + below] as number) - (data[i - above] as number)) * perRow;
    sum += Math.sqrt((gx * gx + gy * gy) / 2);
  }
  return sum;
}

/** The sum over all pixels, by central differences, one-sided at the borders. */
function centralSum({ data, height, width }: GrayImage): number {
  let sum = 0;
  for (let row = 0; row < height; row++) {
    const above = row === 0 ? 0 : width;
    const below = row === height - 1 ? 0 : width;
    sum += sumAlongRow(data, row * width, (row + 1) * width - 1, above, below);
  }
  return sum;
}

/** The sum over the pixels that have a neighbour to the right and one below, by the differences to these. */
function forwardSum({ data, height, width }: GrayImage): number {
  let sum = 0;
  for (let row = 0; row < height - 1; row++) {
    for (let i = row * width; i < (row + 1) * width - 1; i++) {
      const value = data[i] as number;
      const gx = (data[i + 1] as number) - value;
      const gy = (data[i + width] as number) - value;
      sum += Math.sqrt((gx * gx + gy * gy) / 2);
    }
  }
  return sum;
}

const AVERAGE = {
  evaluator: (image: GrayImage) => centralSum(image) / image.data.length,
  matlab: (image: GrayImage) => centralSum(image) / ((image.height - 1) * (image.width - 1)),
  standard: (image: GrayImage) => forwardSum(image) / ((image.height - 1) * (image.width - 1)),
};

/**
 * Average gradient: the mean of `sqrt((g_x^2 + g_y^2) / 2)`.
 *
 * - `evaluator`: over all HW pixels; `g_x` and `g_y` are central differences, (next - previous) / 2, and one-sided,
 *   undivided, at the borders.
 * - `matlab`: the same sum, divided by (H-1)(W-1).
 * - `standard`: over the (H-1)(W-1) pixels that have a next one both ways; differences to these.
 *
 * @param fused gray `[H, W]`, at least 2x2, values 0..255
 * @returns gray levels a pixel, in [0, 255]; up to 1020 in `matlab`
 * @throws ShapeError unless `fused` is `[H, W]`, at least 2x2
 * @throws OptionError if a value does not round to 0..255, or for an unknown convention
 * @example
 * averageGradient({ data: Uint8Array.of(0, 4, 4, 8), shape: [2, 2] }); // 4
 *
 * Cui, Feng, Xu, Li and Chen 2015, Optics Communications 341, 199-209.
 */
export function averageGradient(fused: NdArray, convention: Convention = 'evaluator'): number {
  const average = inConvention('averageGradient', convention, AVERAGE);
  const image = grayOf('averageGradient', 'fused', fused);
  expectSide('averageGradient', image, 2);
  return average(image);
}

/** Average gradient in the `evaluator` convention. */
export const AG: Metric<'AG'> = {
  id: 'AG',
  name: 'average gradient',
  unit: 'gray level/pixel',
  range: [0, 255],
  better: 'higher',
  combine: 'none',
  reference: 'Cui, Feng, Xu, Li and Chen 2015, Optics Communications 341, 199-209',
  constant: 0,
  undefinedWhere: 'a ShapeError for an image one pixel high or wide',
  compute: ({ fused }) => averageGradient(fused),
};

/** Average gradient in the `matlab` convention. */
export const AG_MATLAB: Metric<'AG'> = {
  ...AG,
  // Of a 2x2 image, four pixels are summed and the sum is divided by one.
  range: [0, 4 * 255],
  compute: ({ fused }) => averageGradient(fused, 'matlab'),
};

/** Average gradient in the `standard` convention. */
export const AG_STANDARD: Metric<'AG'> = {
  ...AG,
  compute: ({ fused }) => averageGradient(fused, 'standard'),
};
