import { describe, expect, it } from 'vitest';
import { relativeError } from './relative-error.js';

describe('relativeError', () => {
  it('is the norm of the difference over the norm of what is expected', () => {
    expect(relativeError([3, 4, 12], [3, 4, 12])).toBe(0);
    // |(3, 4)| = 5 and |(0, 0, 13)| = 13
    expect(relativeError([3, 4, 13], [0, 0, 13])).toBeCloseTo(5 / 13, 15);
  });

  it('does not excuse what is not there to compare with', () => {
    expect(relativeError([0, 0], [0, 0])).toBe(0);
    expect(relativeError([0, 1e-150], [0, 0])).toBe(Number.POSITIVE_INFINITY);
    expect(relativeError([Number.NaN, 1], [1, 1])).toBeNaN();
    expect(relativeError([1, 1], [Number.NaN, 1])).toBeNaN();
    expect(relativeError([1], [1, 1])).toBeNaN();
  });
});
