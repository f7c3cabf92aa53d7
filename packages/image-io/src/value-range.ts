import { OptionError } from '@refusion/core';
import { mapValues } from './map-values.js';
import { type Picture, type PictureData, picture } from './picture.js';

/**
 * Which values of a picture become black and white: two values in the file's own units (0..255 at 8 bits, 0..65535 at
 * 16), or two percentiles of the picture's values; 0 and 100 are its extremes.
 */
export type ValueRange =
  | { readonly low: number; readonly high: number }
  | { readonly lowPercent: number; readonly highPercent: number };

/** From the smallest to the largest value of each picture. */
export const AUTO_RANGE: ValueRange = { lowPercent: 0, highPercent: 100 };

/**
 * Scales values linearly to 0..255, without rounding them: `(value - low) / (high - low) * 255`, values outside clipped.
 * The channels of a colour picture share one range. Where `low` and `high` are equal, as in a picture of one value,
 * what is above becomes 255 and all else 0.
 * @throws OptionError if a bound is not a finite number, if they are the wrong way round, or if a percentile is not in
 * 0..100.
 */
export function scaleValues(source: Picture<PictureData>, range: ValueRange): Picture<Float32Array> {
  const { low, high } = boundsOf(source.data, range);
  const scale = (value: number): number => {
    const part = (value - low) / (high - low);
    return part > 0 ? Math.min(part, 1) * 255 : 0; // 0/0 is not above 0
  };
  return picture(mapValues(source, new Float32Array(source.data.length), scale), source.shape);
}

/** The values of a picture, in its own units, that become black and white. */
export function boundsOf(data: PictureData, range: ValueRange): { low: number; high: number } {
  const named = 'low' in range;
  const [low, high] = named ? [range.low, range.high] : [range.lowPercent, range.highPercent];
  const fits = Number.isFinite(low) && Number.isFinite(high) && (named || (low >= 0 && high <= 100));
  if (!fits || low >= high) {
    const [unit, limits] = named ? ['', 'finite numbers'] : ['%', 'percentiles in 0..100'];
    throw new OptionError(
      `scaleValues: range must be two ${limits}, the lower first, got ${low}${unit}..${high}${unit}`,
    );
  }
  return named ? { low, high } : { low: percentile(data, low), high: percentile(data, high) };
}

/** A percentile, linear between neighbours: that of `numpy.percentile`. */
function percentile(data: PictureData, percent: number): number {
  if (percent === 0) return extreme(data, Math.min);
  if (percent === 100) return extreme(data, Math.max);
  const at = ((data.length - 1) * percent) / 100;
  const [below, above] = ordered(data, Math.floor(at), Math.ceil(at));
  return below + (above - below) * (at - Math.floor(at));
}

/** The values at two places, the first not after the second, of the sorted data. */
function ordered(data: PictureData, first: number, second: number): [number, number] {
  if (data instanceof Float32Array) {
    const sorted = data.slice().sort();
    return [sorted[first] as number, sorted[second] as number];
  }
  // Whole numbers are counted: no copy of a large picture, and no sorting.
  const counts = new Uint32Array(65_536);
  for (const value of data) counts[value] = (counts[value] as number) + 1;
  const at = (place: number): number => {
    let value = 0;
    for (let below = counts[0] as number; below <= place; below += counts[value] as number) value++;
    return value;
  };
  return [at(first), at(second)];
}

function extreme(data: PictureData, which: (x: number, y: number) => number): number {
  let found = data[0] as number;
  for (const value of data) found = which(found, value);
  return found;
}
