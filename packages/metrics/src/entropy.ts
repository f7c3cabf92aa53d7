import type { NdArray } from '@refusion/core';
import { grayOf } from './gray.js';
import { entropyOf } from './information.js';
import type { Metric } from './metric.js';

/**
 * Entropy of the 256-level histogram: `EN = -sum_k p_k log2 p_k`, `p_k` the share of pixels that round to `k`. Ties
 * round to even, as in numpy.
 *
 * A constant image gives 0 (the Evaluator prints `-0.0`, which is equal).
 *
 * @param fused gray `[H, W]`, values 0..255
 * @returns bits, in [0, 8]
 * @throws ShapeError unless `fused` is `[H, W]` with at least one pixel
 * @throws OptionError if a value does not round to 0..255
 * @example
 * entropy({ data: Uint8Array.of(0, 0, 255, 255), shape: [2, 2] }); // 1
 *
 * Roberts, van Aardt and Ahmed 2008, J. Appl. Remote Sens. 2(1), 023522.
 */
export function entropy(fused: NdArray): number {
  return entropyOf(grayOf('entropy', 'fused', fused), Math.log2);
}

/** Entropy, the same in every convention. */
export const EN: Metric<'EN'> = {
  id: 'EN',
  name: 'entropy',
  unit: 'bit',
  range: [0, 8],
  better: 'higher',
  combine: 'none',
  reference: 'Roberts, van Aardt and Ahmed 2008, J. Appl. Remote Sens. 2(1), 023522',
  constant: 0,
  undefinedWhere: null,
  compute: ({ fused }) => entropy(fused),
};
