import { ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { holm } from './holm.js';
import { mean, median, sampleDeviation } from './summary.js';
import { leastSignedRankP, wilcoxonSignedRank } from './wilcoxon.js';

const { NaN: nan } = Number;

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

  it('refuses columns of unequal length', () => {
    expect(() => wilcoxonSignedRank([1], [1, 2])).toThrow(ShapeError);
  });
});

it('holm leaves tests that could not be made out of the family', () => {
  expect(holm([nan, 0.02, 0.5])).toEqual([nan, 0.04, 0.5]);
});

it('summaries of too few values are NaN', () => {
  expect([mean([]), median([]), sampleDeviation([2])]).toEqual([nan, nan, nan]);
});
