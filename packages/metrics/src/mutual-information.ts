import type { NdArray } from '@refusion/core';
import { type Convention, inConvention } from './convention.js';
import { type GrayTriplet, grayTripletOf } from './gray.js';
import { informationOf } from './information.js';
import type { Metric } from './metric.js';

const UNITS = { evaluator: 1, matlab: Math.LN2, standard: Math.LN2 };

function sharedInformation(triplet: GrayTriplet, unit: number): number {
  const { shared } = triplet.once(informationOf);
  return (shared.a + shared.b) / unit;
}

/**
 * Mutual information of the fused image and each source, added: `MI = I(F, A) + I(F, B)`,
 * `I(F, A) = sum_{kl} p_kl log(p_kl / (p_k p_l))`, `p_kl` the share of pixels that round to `k` in F and to `l` in A.
 *
 * The unit is the nat in `evaluator` and the bit in `matlab` and `standard`. For gray values that are not whole the
 * Evaluator takes each value for a level of its own; here they are rounded first, ties to even, as its reader does.
 *
 * @param fused gray `[H, W]`, values 0..255
 * @param a gray `[H, W]`, the first source
 * @param b gray `[H, W]`, the second source; exchanging the two changes nothing
 * @returns nats, in [0, 16 ln 2], or bits, in [0, 16]; 0 for a constant fused image
 * @throws ShapeError unless the three are `[H, W]`, of one shape, with at least one pixel
 * @throws OptionError if a value does not round to 0..255, or for an unknown convention
 * @example
 * const image = { data: Uint8Array.of(0, 0, 255, 255), shape: [2, 2] };
 * mutualInformation(image, image, image, 'matlab'); // 2
 *
 * Qu, Zhang and Yan 2002, Electronics Letters 38(7), 313-315.
 */
export function mutualInformation(
  fused: NdArray,
  a: NdArray,
  b: NdArray,
  convention: Convention = 'evaluator',
): number {
  const unit = inConvention('mutualInformation', convention, UNITS);
  return sharedInformation(grayTripletOf('mutualInformation', { fused, a, b }), unit);
}

/** Mutual information in the `evaluator` convention. */
export const MI: Metric<'MI'> = {
  id: 'MI',
  name: 'mutual information',
  unit: 'nat',
  range: [0, 16 * Math.LN2],
  better: 'higher',
  combine: 'sum',
  reference: 'Qu, Zhang and Yan 2002, Electronics Letters 38(7), 313-315',
  constant: 0,
  undefinedWhere: null,
  compute: (triplet) => sharedInformation(grayTripletOf('mutualInformation', triplet), UNITS.evaluator),
};

/** Mutual information in the `matlab` and `standard` conventions. */
export const MI_BITS: Metric<'MI'> = {
  ...MI,
  unit: 'bit',
  range: [0, 16],
  compute: (triplet) => sharedInformation(grayTripletOf('mutualInformation', triplet), UNITS.standard),
};
