import { expectInteger, type Rng } from '@refusion/core';

/** The numbers 0 to `n - 1` in random order: the order of one pass over `n` pairs. */
export function epochOrder(n: number, rng: Rng): number[] {
  expectInteger('epochOrder', 'n', n, 0);
  return rng.shuffle(Array.from({ length: n }, (_, i) => i));
}

/**
 * Splits the numbers 0 to `n - 1` by a shuffle into a meta-train and a meta-test half, as ReFusion (section 3) splits
 * its training set.
 * @returns meta-train and meta-test, each in ascending order; of an odd `n` the first gets one more.
 * @throws OptionError if `n` is less than 2: one half would be empty.
 */
export function splitHalves(n: number, rng: Rng): [metaTrain: number[], metaTest: number[]] {
  expectInteger('splitHalves', 'n', n, 2);
  const order = epochOrder(n, rng);
  const half = Math.ceil(n / 2);
  const ascending = (p: number, q: number) => p - q;
  return [order.slice(0, half).sort(ascending), order.slice(half).sort(ascending)];
}
