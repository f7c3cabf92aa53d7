import { type NdArray, ndarray } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { meanSquaredError } from './mean-squared-error.js';
import { psnr } from './psnr.js';

const image = (...values: number[]): NdArray => ndarray(Float64Array.from(values), [1, values.length]);

// Errors 10, 10 and 0, 20: mean squares 100 and 200, their mean 150.
const fused = image(50, 100);
const a = image(40, 110);
const b = image(50, 80);

describe('meanSquaredError', () => {
  it('is the mean of both, of images in 0..1 in the toolbox', () => {
    expect(meanSquaredError(fused, a, b)).toBe(150);
    expect(meanSquaredError(fused, a, b, 'standard')).toBe(150);
    expect(meanSquaredError(fused, a, b, 'matlab')).toBeCloseTo(150 / 65025, 16);
  });
});

describe('psnr', () => {
  it('has the peak of its convention', () => {
    expect(psnr(fused, a, b)).toBeCloseTo(10 * Math.log10(100 ** 2 / 150), 13);
    expect(psnr(fused, a, b, 'standard')).toBeCloseTo(10 * Math.log10(255 ** 2 / 150), 13);
    expect(psnr(fused, a, b, 'matlab')).toBeCloseTo(10 * Math.log10(255 ** 4 / 150), 13);
  });

  it('is infinite where there is no error, and says so', () => {
    for (const convention of ['evaluator', 'matlab', 'standard'] as const) {
      expect(psnr(fused, fused, fused, convention)).toBe(Number.POSITIVE_INFINITY);
    }
  });

  it('of black has no peak in the Evaluator', () => {
    const black = image(0, 0);
    expect(psnr(black, a, b)).toBe(Number.NEGATIVE_INFINITY);
    expect(psnr(black, black, black)).toBeNaN();
    expect(psnr(black, black, black, 'standard')).toBe(Number.POSITIVE_INFINITY);
  });
});
