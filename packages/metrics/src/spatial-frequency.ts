import type { NdArray } from '@refusion/core';
import { type Convention, inConvention } from './convention.js';
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

/** What the sums of horizontal and of vertical differences are divided by. */
type Divisors = (height: number, width: number) => readonly [alongRows: number, alongColumns: number];

const differencesThere: Divisors = (height, width) => [height * (width - 1), (height - 1) * width];
const allPixels: Divisors = (height, width) => [height * width, height * width];

const DIVISORS = { evaluator: differencesThere, matlab: differencesThere, standard: allPixels };

/**
 * Spatial frequency: `SF = sqrt(RF^2 + CF^2)`, `RF^2` the mean of the squared differences of horizontal neighbours,
 * `CF^2` of vertical ones.
 *
 * - `evaluator`, `matlab`: divided by the number of differences, H(W-1) and (H-1)W.
 * - `standard`: both divided by HW, as in the paper.
 *
 * @param fused gray `[H, W]`, values 0..255
 * @returns gray levels, in [0, 255 sqrt 2]; NaN for an image one pixel high or wide, which has no such neighbours
 *   (in `standard` their sum is then 0)
 * @throws ShapeError unless `fused` is `[H, W]` with at least one pixel
 * @throws OptionError if a value does not round to 0..255, or for an unknown convention
 * @example
 * spatialFrequency({ data: Uint8Array.of(0, 3, 4, 7), shape: [2, 2] }); // 5
 *
 * Eskicioglu and Fisher 1995, IEEE Trans. Commun. 43(12), 2959-2965.
 */
export function spatialFrequency(fused: NdArray, convention: Convention = 'evaluator'): number {
  const divisors = inConvention('spatialFrequency', convention, DIVISORS);
  const { data, height, width } = grayOf('spatialFrequency', 'fused', fused);
  const [rows, columns] = divisors(height, width);
  const alongRows = squaredDifferences(data, width, height, width - 1, 1) / rows;
  const alongColumns = squaredDifferences(data, width, height - 1, width, width) / columns;
  return Math.sqrt(alongRows + alongColumns);
}

/** Spatial frequency in the `evaluator` and `matlab` conventions. */
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

/** Spatial frequency in the `standard` convention. */
export const SF_STANDARD: Metric<'SF'> = {
  ...SF,
  undefinedWhere: null,
  compute: ({ fused }) => spatialFrequency(fused, 'standard'),
};
