import type { NdArray } from '@refusion/core';
import { grayOf } from './gray.js';
import type { Metric } from './metric.js';

/** The sum of the squared differences of the pixels `[0, rows) x [0, columns)` and those `step` elements further on. */
function squaredDifferences(
  data: Float64Array,
  width: number,
  rows: number,
  columns: number,
  step: number,
): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const end = row * width + columns;
    for (let i = row * width; i < end; i++) {
      const difference = (data[i + step] as number) - (data[i] as number);
      sum += difference * difference;
    }
  }
  return sum;
}

/**
 * Spatial frequency: `SF = sqrt(RF^2 + CF^2)`, `RF^2` the mean of the H(W-1) squared differences of horizontal
 * neighbours, `CF^2` of the (H-1)W of vertical ones. (The paper divides both by HW.)
 *
 * @param fused gray `[H, W]`, values 0..255
 * @returns gray levels, in [0, 255 sqrt 2]; NaN for an image one pixel high or wide, which has no such neighbours
 * @throws ShapeError unless `fused` is `[H, W]` with at least one pixel
 * @throws OptionError if a value does not round to 0..255
 * @example
 * spatialFrequency({ data: Uint8Array.of(0, 3, 4, 7), shape: [2, 2] }); // 5
 *
 * Eskicioglu and Fisher 1995, IEEE Trans. Commun. 43(12), 2959-2965.
 */
export function spatialFrequency(fused: NdArray): number {
  const { data, height, width } = grayOf('spatialFrequency', 'fused', fused);
  const alongRows = squaredDifferences(data, width, height, width - 1, 1) / (height * (width - 1));
  const alongColumns = squaredDifferences(data, width, height - 1, width, width) / ((height - 1) * width);
  return Math.sqrt(alongRows + alongColumns);
}

/** Spatial frequency in the `evaluator` convention. */
export const SF: Metric<'SF'> = {
  id: 'SF',
  name: 'spatial frequency',
  unit: 'gray level',
  range: [0, 255 * Math.SQRT2],
  better: 'higher',
  combine: 'none',
  reference: 'Eskicioglu and Fisher 1995, IEEE Trans. Commun. 43(12), 2959-2965',
  constant: 0,
  undefinedWhere: 'NaN for an image one pixel high or wide',
  compute: ({ fused }) => spatialFrequency(fused),
};
