import { OptionError, ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { holm } from './holm.js';
import { averageRanks } from './ranks.js';
import { mean, median, sampleDeviation } from './summary.js';
import { leastSignedRankP, wilcoxonSignedRank } from './wilcoxon.js';

const { NaN: nan } = Number;

/** Every choice of signs, one after the other. */
function byEnumeration(values: readonly number[]): number {
  const differences = values.filter((value) => value !== 0);
  const ranks = averageRanks(differences.map(Math.abs));
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const positive = ranks.reduce((sum, rank, i) => sum + ((differences[i] as number) > 0 ? rank : 0), 0);
  const statistic = Math.min(positive, total - positive);
  let asFar = 0;
  for (let signs = 0; signs < 2 ** ranks.length; signs++) {
    const sum = ranks.reduce((of, rank, i) => of + ((signs >> i) & 1 ? rank : 0), 0);
    if (Math.min(sum, total - sum) <= statistic) asFar += 1;
  }
  return asFar / 2 ** ranks.length;
}

describe('wilcoxonSignedRank', () => {
  it('is 1 where nothing differs, and NaN where nothing is compared', () => {
    const none = { count: 0, statistic: 0, distribution: 'exact' };
    expect(wilcoxonSignedRank([3, 4], [3, 4])).toEqual({ ...none, pValue: 1 });
    expect(wilcoxonSignedRank([], [])).toEqual({ ...none, pValue: nan });
  });

  it('has the least p-value where all differences have one sign', () => {
    for (let count = 1; count <= 12; count++) {
      const values = Array.from({ length: count }, (_, i) => i + 1);
      const zeros = values.map(() => 0);
      expect(wilcoxonSignedRank(values, zeros).pValue).toBe(leastSignedRankP(count));
    }
    expect([5, 6].map((count) => leastSignedRankP(count) < 0.05)).toEqual([false, true]);
    expect(leastSignedRankP(0)).toBe(1);
  });

  it('counts all choices of signs', () => {
    // Of the 8 choices for the ranks 1, 2, 3, the sums 0 and 1 occur once each, and 5 and 6 on the other side.
    expect(wilcoxonSignedRank([0, 2, 3], [1, 0, 0]).pValue).toBe(4 / 8);
  });

  it.each([
    ['one size', [1, 1, 1, 1]],
    ['one size, either sign', [1, 1, -1, 1, 1]],
    ['two sizes', [1, 1, 2, 2, -2]],
    ['ties and zeros', [0, 3, -1, 1, 2, 2, 2, -5, 4, 0, 7]],
    ['ties among the smallest', [-1, 1, 1, 4, 5, 6, 7, 8, 9, 10, 11, -12]],
  ])('counts all choices of signs where sizes are tied: %s', (_name, values) => {
    const { pValue, distribution } = wilcoxonSignedRank(
      values,
      values.map(() => 0),
    );
    expect(distribution).toBe('exact');
    expect(pValue).toBe(byEnumeration(values));
  });

  it('is never less than its least', () => {
    // The normal approximation would give 0.0455.
    expect(wilcoxonSignedRank([2, 2, 2, 2], [1, 1, 1, 1]).pValue).toBe(leastSignedRankP(4));
  });

  it('refuses columns of unequal length', () => {
    expect(() => wilcoxonSignedRank([1], [1, 2])).toThrow(ShapeError);
  });

  it('refuses what is not finite, by its place', () => {
    for (const odd of [nan, Number.POSITIVE_INFINITY]) {
      expect(() => wilcoxonSignedRank([1, odd, 3], [0, 0, 0])).toThrow(OptionError);
      expect(() => wilcoxonSignedRank([1, odd, 3], [0, 0, 0])).toThrow(/pair 1 is/);
    }
  });
});

it('holm leaves tests that could not be made out of the family', () => {
  expect(holm([nan, 0.02, 0.5])).toEqual([nan, 0.04, 0.5]);
});

it('summaries of too few values are NaN', () => {
  expect([mean([]), median([]), sampleDeviation([2])]).toEqual([nan, nan, nan]);
});
