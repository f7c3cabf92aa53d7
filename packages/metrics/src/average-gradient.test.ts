import { ndarray, ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { averageGradient } from './average-gradient.js';

describe('averageGradient', () => {
  it('is the slope of a ramp, borders included', () => {
    // g_x = 3 and g_y = 4 at every pixel.
    const ramp = ndarray(
      Uint8Array.from({ length: 20 }, (_, i) => 3 * (i % 5) + 4 * Math.floor(i / 5)),
      [4, 5],
    );
    expect(averageGradient(ramp)).toBeCloseTo(Math.sqrt((9 + 16) / 2), 14);
  });

  it('takes central differences inside and one-sided ones at the borders', () => {
    // Rows 0 8 0, twice: g_x is 8, 0, -8, g_y is 0.
    const ridge = ndarray(Uint8Array.of(0, 8, 0, 0, 8, 0), [2, 3]);
    expect(averageGradient(ridge)).toBeCloseTo((2 * Math.sqrt(32)) / 3, 14);
  });

  it('refuses an image one pixel high or wide', () => {
    const line = Uint8Array.of(1, 2, 3);
    expect(() => averageGradient(ndarray(line, [1, 3]))).toThrow(
      'averageGradient: the images must be at least 2x2 pixels, got a height of 1 and a width of 3',
    );
    expect(() => averageGradient(ndarray(line, [3, 1]))).toThrow(ShapeError);
  });
});

describe('averageGradient by convention', () => {
  // Rows 0 3 3 and 4 7 7.
  const image = ndarray(Uint8Array.of(0, 3, 3, 4, 7, 7), [2, 3]);

  it('divides by (H-1)(W-1) in matlab', () => {
    expect(averageGradient(image, 'matlab')).toBeCloseTo((averageGradient(image) * 6) / 2, 14);
  });

  it('takes differences to the next pixels in standard', () => {
    // At (0, 0) 3 and 4, at (0, 1) 0 and 4.
    expect(averageGradient(image, 'standard')).toBeCloseTo((Math.sqrt(25 / 2) + Math.sqrt(16 / 2)) / 2, 14);
  });
});
