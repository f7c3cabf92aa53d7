import { ndarray } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { standardDeviation } from './standard-deviation.js';

describe('standardDeviation', () => {
  it('divides by the number of pixels', () => {
    // By hand: mean 5, squared deviations 9, 1, 1, 1, 0, 0, 4, 16, sum 32, over 8.
    expect(standardDeviation(ndarray(Uint8Array.of(2, 4, 4, 4, 5, 5, 7, 9), [2, 4]))).toBe(2);
  });

  it('is 0 for one pixel', () => {
    expect(standardDeviation(ndarray(Uint8Array.of(9), [1, 1]))).toBe(0);
  });
});
