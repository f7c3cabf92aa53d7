import type { NdArray } from '@refusion/core';
import { grayOf } from './gray.js';
import type { Metric } from './metric.js';
import { meanOf } from './statistics.js';

/**
 * Standard deviation of the gray values: `SD = sqrt(mean((F - mean F)^2))`, over all HW pixels (not HW - 1).
 *
 * @param fused gray `[H, W]`, values 0..255
 * @returns gray levels, in [0, 127.5]
 * @throws ShapeError unless `fused` is `[H, W]` with at least one pixel
 * @throws OptionError if a value does not round to 0..255
 * @example
 * standardDeviation({ data: Uint8Array.of(0, 0, 255, 255), shape: [2, 2] }); // 127.5
 *
 * Ma, Ma and Li 2019, Information Fusion 45, 153-178, section 4 (a survey; the measure itself is older).
 */
export function standardDeviation(fused: NdArray): number {
  const image = grayOf('standardDeviation', 'fused', fused);
  const { data } = image;
  const mean = image.once(meanOf);
  let squares = 0;
  for (let i = 0; i < data.length; i++) squares += ((data[i] as number) - mean) ** 2;
  return Math.sqrt(squares / data.length);
}

/** Standard deviation, the same in every convention. */
export const SD: Metric<'SD'> = {
  id: 'SD',
  name: 'standard deviation',
  unit: 'gray level',
  range: [0, 127.5],
  better: 'higher',
  combine: 'none',
  reference: 'Ma, Ma and Li 2019, Information Fusion 45, 153-178',
  constant: 0,
  undefinedWhere: null,
  compute: ({ fused }) => standardDeviation(fused),
};
