import { OptionError } from '@refusion/core';

/**
 * The value that a share of the values do not exceed: the smallest such value of the list (nearest rank).
 * @param share in (0, 1]
 * @throws OptionError if there are no values
 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((x, y) => x - y);
  const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  if (value === undefined) throw new OptionError('percentile: needs at least one value');
  return value;
}
