import { ndarray, OptionError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { entropy } from './entropy.js';

const row = (...values: number[]) => ndarray(Float64Array.from(values), [1, values.length]);

describe('entropy', () => {
  it('counts bits', () => {
    expect(
      entropy(
        ndarray(
          Uint8Array.from({ length: 256 }, (_, i) => i),
          [16, 16],
        ),
      ),
    ).toBe(8);
    // 1/2, 1/4, 1/4 by hand: 1/2 + 1/4 * 2 + 1/4 * 2.
    expect(entropy(row(7, 7, 0, 255))).toBe(1.5);
  });

  it('is 0, not -0, for a constant image', () => {
    expect(entropy(row(3, 3, 3))).toBe(0);
  });

  it('rounds, ties to even, as numpy does', () => {
    expect(entropy(row(0.5, -0.3, 0, 0.49))).toBe(0);
    expect(entropy(row(1.5, 2.5, 2, 1.51))).toBe(0);
    expect(entropy(row(254.5, 254, 255, 255.49))).toBe(1);
  });

  it.each([-0.5, 255.5, 256, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses %d', (value) => {
    expect(() => entropy(row(0, value))).toThrow(OptionError);
  });
});
