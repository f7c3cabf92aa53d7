import { OptionError } from '@refusion/core';
import type { Extremes } from '@refusion/image-io';

/**
 * Extremes that follow those of one frame after another, by exponential smoothing: each time a share of the way.
 * @param follow the share, in (0, 1]
 * @throws OptionError if the share is another number
 */
export function steadyRange(follow: number): (own: Extremes) => Extremes {
  if (!(follow > 0 && follow <= 1)) {
    throw new OptionError(`steadyRange: follow must be above 0 and at most 1, got ${follow}`);
  }
  let range: Extremes | null = null;
  return (own) => {
    const { min, max } = range ?? own;
    range = { min: min + follow * (own.min - min), max: max + follow * (own.max - max) };
    return range;
  };
}
