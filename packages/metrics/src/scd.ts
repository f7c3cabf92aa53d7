import type { NdArray } from '@refusion/core';
import { type GrayImage, grayTripletOf } from './gray.js';
import type { Metric } from './metric.js';
import { correlation, meanOf } from './statistics.js';

/** `corr(f - g, h)` */
function differenceCorrelation({ data: f }: GrayImage, { data: g }: GrayImage, h: GrayImage): number {
  const difference = new Float64Array(f.length);
  for (let i = 0; i < f.length; i++) difference[i] = (f[i] as number) - (g[i] as number);
  return correlation(difference, meanOf({ data: difference }), h.data, h.once(meanOf));
}

/**
 * Sum of the correlations of differences: `SCD = corr(F - B, A) + corr(F - A, B)`, `corr` Pearson's correlation over
 * all pixels.
 *
 * @param fused gray `[H, W]`, values 0..255
 * @param a gray `[H, W]`, the first source
 * @param b gray `[H, W]`, the second source; exchanging the two changes nothing
 * @returns a number in [-2, 2]; NaN where `a`, `b`, `fused - a` or `fused - b` is constant
 * @throws ShapeError unless the three are `[H, W]`, of one shape, with at least one pixel
 * @throws OptionError if a value does not round to 0..255
 * @example
 * const a = { data: Uint8Array.of(0, 10, 0, 10), shape: [2, 2] };
 * const b = { data: Uint8Array.of(0, 0, 20, 20), shape: [2, 2] };
 * const sum = { data: Uint8Array.of(0, 10, 20, 30), shape: [2, 2] };
 * scd(sum, a, b); // 2
 *
 * Aslantas and Bendes 2015, AEU Int. J. Electron. Commun. 69(12), 1890-1896.
 */
export function scd(fused: NdArray, a: NdArray, b: NdArray): number {
  const images = grayTripletOf('scd', { fused, a, b });
  return (
    differenceCorrelation(images.fused, images.b, images.a) +
    differenceCorrelation(images.fused, images.a, images.b)
  );
}

/** Sum of the correlations of differences, the same in every convention. */
export const SCD: Metric<'SCD'> = {
  id: 'SCD',
  name: 'sum of the correlations of differences',
  unit: '1',
  range: [-2, 2],
  better: 'higher',
  combine: 'sum',
  reference: 'Aslantas and Bendes 2015, AEU Int. J. Electron. Commun. 69(12), 1890-1896',
  constant: Number.NaN,
  undefinedWhere: 'NaN where a source, or the difference of the fused image and a source, is constant',
  compute: ({ fused, a, b }) => scd(fused, a, b),
};
