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
      'averageGradient: fused must be at least 2x2 pixels, got 1x3',
    );
    expect(() => averageGradient(ndarray(line, [3, 1]))).toThrow(ShapeError);
  });
});
