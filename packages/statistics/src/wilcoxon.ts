import { erfc, OptionError, ShapeError } from '@refusion/core';
import { averageRanks } from './ranks.js';

/** Up to so many differences the distribution is exact. */
const EXACT_UP_TO = 50;

/** A Wilcoxon signed-rank test, two-sided. */
export interface SignedRankTest {
  /** How many differences were ranked: those that are not zero. */
  readonly count: number;
  /** The smaller of the two sums of ranks, of the positive and of the negative differences. */
  readonly statistic: number;
  /** The chance of a statistic as small as this, or smaller, if the differences are symmetric about zero. */
  readonly pValue: number;
  /** Where the p-value is from. */
  readonly distribution: 'exact' | 'normal';
}

/**
 * Tests whether paired values differ: the Wilcoxon signed-rank test, two-sided. Zero differences are discarded
 * (Wilcoxon's way). Of at most 50 others the p-value is exact, given their ranks, which equal sizes share; above it is that
 * of the normal approximation with the variance corrected for ties and without a correction for continuity. (SciPy and R
 * take the normal distribution wherever there are ties: of four equal differences that is 0.046, where no test can give less
 * than 2/2^4 = 0.125.) Where all differences are zero it is 1; of no values it is NaN.
 *
 * Wilcoxon, Individual comparisons by ranking methods, Biometrics Bulletin 1, 1945.
 * @param x, y finite values, the pairs in the same order
 * @throws ShapeError if they differ in length; OptionError if a value is not finite
 * @example
 * wilcoxonSignedRank([1, 2, 3, 4, 5], [2, 4, 6, 8, 10]).pValue; // 0.0625
 */
export function wilcoxonSignedRank(x: readonly number[], y: readonly number[]): SignedRankTest {
  if (x.length !== y.length) {
    throw new ShapeError(`wilcoxonSignedRank: y must have as many values as x, ${x.length}, got ${y.length}`);
  }
  const all = x.map((value, index) => value - (y[index] as number));
  const odd = all.findIndex((d) => !Number.isFinite(d));
  if (odd >= 0) {
    throw new OptionError(
      `wilcoxonSignedRank: needs finite values, pair ${odd} is ${x[odd]} and ${y[odd]}: leave it out`,
    );
  }
  const differences = all.filter((d) => d !== 0);
  const count = differences.length;
  const ranks = averageRanks(differences.map(Math.abs));
  const positive = differences.reduce((sum, d, index) => sum + (d > 0 ? (ranks[index] as number) : 0), 0);
  const statistic = Math.min(positive, (count * (count + 1)) / 2 - positive);
  const exact = count <= EXACT_UP_TO;
  if (x.length === 0) return { count, statistic, pValue: Number.NaN, distribution: 'exact' };
  const pValue = exact ? exactPValue(statistic, ranks) : normalPValue(statistic, ranks);
  return { count, statistic, pValue, distribution: exact ? 'exact' : 'normal' };
}

/**
 * The least p-value that an exact test of so many differences can give, where all have one sign: `2 / 2^count`, at most 1.
 * Fewer than six cannot show a difference at the level 0.05.
 */
export function leastSignedRankP(count: number): number {
  return Math.min(1, 2 ** (1 - count));
}

/**
 * Twice the share, among all choices of signs, of those whose sum of positive ranks is at most the statistic. Shared ranks
 * end in .5 at most, so sums are counted in halves.
 */
function exactPValue(statistic: number, ranks: readonly number[]): number {
  const count = ranks.length;
  // ways[s]: how many subsets of the ranks so far have the sum s/2; at most 2^50 in all, which float64 counts exactly.
  const ways = new Float64Array(count * (count + 1) + 1);
  ways[0] = 1;
  for (const rank of ranks) {
    const halves = 2 * rank;
    for (let sum = ways.length - 1; sum >= halves; sum--) {
      ways[sum] = (ways[sum] as number) + (ways[sum - halves] as number);
    }
  }
  const asSmall = ways.subarray(0, 2 * statistic + 1).reduce((sum, each) => sum + each, 0);
  return Math.min(1, (2 * asSmall) / 2 ** count);
}

function normalPValue(statistic: number, ranks: readonly number[]): number {
  const n = ranks.length;
  const variance = (n * (n + 1) * (2 * n + 1)) / 24 - tieTerm(ranks) / 48;
  const z = (statistic - (n * (n + 1)) / 4) / Math.sqrt(variance);
  return erfc(Math.abs(z) / Math.SQRT2);
}

/** The sum of `t^3 - t` over the groups of t equal ranks. */
function tieTerm(ranks: readonly number[]): number {
  const sizes = new Map<number, number>();
  for (const rank of ranks) sizes.set(rank, (sizes.get(rank) ?? 0) + 1);
  return [...sizes.values()].reduce((sum, size) => sum + size ** 3 - size, 0);
}
