import type { NdArray } from '@refusion/core';
import { type GrayTriplet, grayTripletOf } from './gray.js';
import { informationOf } from './information.js';
import type { Metric } from './metric.js';

function normalisedInformation(triplet: GrayTriplet): number {
  const { shared, entropy } = triplet.once(informationOf);
  return 2 * (shared.a / (entropy.fused + entropy.a) + shared.b / (entropy.fused + entropy.b));
}

/**
 * Mutual information over the mean entropy, added: `NMI = 2 (I(F, A) / (H(F) + H(A)) + I(F, B) / (H(F) + H(B)))`, `I` and
 * `H` of the histograms of 256 levels, to which values round, ties to even.
 *
 * @param fused gray `[H, W]`, values 0..255
 * @param a gray `[H, W]`, the first source
 * @param b gray `[H, W]`, the second source; exchanging the two changes nothing
 * @returns a number in [0, 2], 2 if each source determines the fused image and the other way round; NaN where the fused
 *   image and a source are both constant
 * @throws ShapeError unless the three are `[H, W]`, of one shape, with at least one pixel
 * @throws OptionError if a value does not round to 0..255
 * @example
 * const image = { data: Uint8Array.of(0, 0, 255, 255), shape: [2, 2] };
 * normalisedMutualInformation(image, image, image); // 2
 *
 * Hossny, Nahavandi and Creighton 2008, Electronics Letters 44(18), 1066-1067.
 */
export function normalisedMutualInformation(fused: NdArray, a: NdArray, b: NdArray): number {
  return normalisedInformation(grayTripletOf('normalisedMutualInformation', { fused, a, b }));
}

/** Normalised mutual information, the same in every convention. */
export const NMI: Metric<'NMI'> = {
  id: 'NMI',
  name: 'normalised mutual information',
  unit: '1',
  range: [0, 2],
  better: 'higher',
  combine: 'sum',
  reference: 'Hossny, Nahavandi and Creighton 2008, Electronics Letters 44(18), 1066-1067',
  constant: Number.NaN,
  undefinedWhere: 'NaN where the fused image and a source are both constant',
  compute: (triplet) => normalisedInformation(grayTripletOf('normalisedMutualInformation', triplet)),
};
