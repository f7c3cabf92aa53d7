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
    const isPercent = PERCENTILES.test(text);
    const [low, high] = ((isPercent ? PERCENTILES : VALUES).exec(text) ?? []).slice(1).map(Number);
    const refuse = (wanted: string): never => {
      throw new OptionError(`${option} must ${wanted}, got "${text}"`);
    };
    if (low === undefined || high === undefined || !Number.isFinite(low) || !Number.isFinite(high)) {
      return refuse('be auto, LOW..HIGH as in 20000..30000, or percentiles as in 1%..99%');
    }
    if (isPercent && (low < 0 || high > 100)) return refuse('have percentiles from 0% to 100%');
    if (low >= high) return refuse('have LOW below HIGH');
    return isPercent ? { lowPercent: low, highPercent: high } : { low, high };
  };
}
