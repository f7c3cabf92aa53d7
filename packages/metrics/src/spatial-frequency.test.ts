import { ndarray } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { spatialFrequency } from './spatial-frequency.js';

describe('spatialFrequency', () => {
  it('averages horizontal and vertical differences each over their own number', () => {
    // Rows 0 1 3 and 5 5 5: horizontal squares 1, 4, 0, 0 (mean 5/4), vertical 25, 16, 4 (mean 15).
    const image = ndarray(Uint8Array.of(0, 1, 3, 5, 5, 5), [2, 3]);
    expect(spatialFrequency(image)).toBeCloseTo(Math.sqrt(5 / 4 + 15), 14);
  });

  it('is NaN without neighbours in one direction', () => {
    expect(spatialFrequency(ndarray(Uint8Array.of(1, 2, 3), [1, 3]))).toBeNaN();
    expect(spatialFrequency(ndarray(Uint8Array.of(1, 2, 3), [3, 1]))).toBeNaN();
  });
});

it('divides both sums by HW in the standard convention', () => {
  const image = ndarray(Uint8Array.of(0, 1, 3, 5, 5, 5), [2, 3]);
  expect(spatialFrequency(image, 'standard')).toBeCloseTo(Math.sqrt((5 + 45) / 6), 14);
  expect(spatialFrequency(image, 'matlab')).toBe(spatialFrequency(image));
  expect(spatialFrequency(ndarray(Uint8Array.of(9), [1, 1]), 'standard')).toBe(0);
});
