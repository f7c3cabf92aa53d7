import { type NdArray, ShapeError } from '@refusion/core';
import { grayOf } from './gray.js';
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

/**
 * Average gradient: `AG = mean(sqrt((g_x^2 + g_y^2) / 2))` over all HW pixels. `g_x` and `g_y` are central differences,
 * (next - previous) / 2, and one-sided, undivided, at the borders.
 *
 * @param fused gray `[H, W]`, at least 2x2, values 0..255
 * @returns gray levels a pixel, in [0, 255]
 * @throws ShapeError unless `fused` is `[H, W]`, at least 2x2
 * @throws OptionError if a value does not round to 0..255
 * @example
 * averageGradient({ data: Uint8Array.of(0, 4, 4, 8), shape: [2, 2] }); // 4
 *
 * Cui, Feng, Xu, Li and Chen 2015, Optics Communications 341, 199-209.
 */
export function averageGradient(fused: NdArray): number {
  const { data, height, width } = grayOf('averageGradient', 'fused', fused);
  if (height < 2 || width < 2) {
    throw new ShapeError(`averageGradient: fused must be at least 2x2 pixels, got ${height}x${width}`);
  }
  let sum = 0;
  for (let row = 0; row < height; row++) {
    const above = row === 0 ? 0 : width;
    const below = row === height - 1 ? 0 : width;
    sum += sumAlongRow(data, row * width, (row + 1) * width - 1, above, below);
  }
  return sum / data.length;
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
