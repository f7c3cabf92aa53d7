/**
 * Corrects the p-values of several tests, so that the chance of any false discovery among them stays below the level
 * that each is compared with: the k-th smallest of m is multiplied by m - k + 1, none becomes smaller than one before
 * it, and none greater than 1.
 *
 * Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979.
 * @param pValues of one family of tests; NaN, of a test that could not be made, stays NaN and counts for nothing
 * @returns the corrected values, in the same order
 */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues
    .map((_, index) => index)
    .filter((index) => !Number.isNaN(pValues[index]))
    .sort((i, j) => (pValues[i] as number) - (pValues[j] as number));
  const corrected = pValues.map(() => Number.NaN);
  let least = 0;
  order.forEach((index, before) => {
    least = Math.max(least, Math.min(1, (pValues[index] as number) * (order.length - before)));
    corrected[index] = least;
  });
  return corrected;
}
