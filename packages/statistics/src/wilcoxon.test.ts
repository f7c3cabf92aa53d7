import { ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { holm } from './holm.js';
import { mean, median, sampleDeviation } from './summary.js';
import { wilcoxonSignedRank } from './wilcoxon.js';

const { NaN: nan } = Number;

describe('wilcoxonSignedRank', () => {
  it('is 1 where nothing differs, or nothing is compared', () => {
    for (const values of [[], [3, 4]]) {
      expect(wilcoxonSignedRank(values, values)).toEqual({
        count: 0,
        statistic: 0,
        pValue: 1,
        distribution: 'exact',
      });
    }
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
