import type { OptionParser } from '@refusion/cli';
import { OptionError } from '@refusion/core';
import { AUTO_RANGE, type ValueRange } from '@refusion/image-io';

const NUMBER = '-?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?';
const VALUES = new RegExp(`^(${NUMBER})\\.\\.(${NUMBER})$`, 'i');
const PERCENTILES = new RegExp(`^(${NUMBER})%\\.\\.(${NUMBER})%$`, 'i');

/** `auto`, `20000..30000`, or `1%..99%`. For commander. */
export function valueRange(option: string): OptionParser<ValueRange> {
  return (text) => {
    if (text === 'auto') return AUTO_RANGE;
    const values = VALUES.exec(text)?.slice(1).map(Number);
    if (values && ascending(values)) return { low: values[0], high: values[1] };
    const percentiles = PERCENTILES.exec(text)?.slice(1).map(Number);
    if (percentiles && ascending(percentiles) && percentiles[0] >= 0 && percentiles[1] <= 100) {
      return { lowPercent: percentiles[0], highPercent: percentiles[1] };
    }
    throw new OptionError(
      `${option} must be auto, LOW..HIGH as in 20000..30000, or percentiles as in 1%..99%, got "${text}"`,
    );
  };
}

function ascending(bounds: readonly number[]): bounds is [number, number] {
  const [low = 0, high = 0] = bounds;
  return Number.isFinite(low) && Number.isFinite(high) && low < high;
}
