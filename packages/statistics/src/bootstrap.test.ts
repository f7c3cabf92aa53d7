import { OptionError, ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { bootstrapMeans, percentileInterval } from './bootstrap.js';

const { NaN: nan } = Number;

describe('bootstrapMeans', () => {
  it('draws the same rows for every column, and the same again from the same seed', () => {
    const column = [1, 5, 2, 8, 3];
    const [first, shifted] = bootstrapMeans([column, column.map((value) => value + 10)], { resamples: 50 });
    first?.forEach((value, index) => {
      expect(shifted?.[index]).toBeCloseTo(value + 10, 12);
    });
    expect(bootstrapMeans([column], { resamples: 50 })[0]).toEqual(first);
    expect(bootstrapMeans([column], { resamples: 50, seed: 2 })[0]).not.toEqual(first);
  });

  it('leaves values that are not finite out', () => {
    const [means, constant] = bootstrapMeans(
      [
        [nan, nan],
        [Number.POSITIVE_INFINITY, 7],
      ],
      { resamples: 40 },
    );
    expect(new Set(means)).toEqual(new Set([nan]));
    // A resample of the infinite row alone has no mean.
    expect(new Set(constant)).toEqual(new Set([7, nan]));
    expect(percentileInterval(constant as Float64Array)).toEqual([7, 7]);
    expect(percentileInterval(means as Float64Array)).toEqual([nan, nan]);
  });

  it('refuses columns of unequal length and no resamples', () => {
    expect(() => bootstrapMeans([[1, 2], [1]])).toThrow(ShapeError);
    expect(() => bootstrapMeans([[1, 2]], { resamples: 0 })).toThrow(OptionError);
  });
});
