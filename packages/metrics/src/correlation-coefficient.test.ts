import { ndarray } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { correlationCoefficient } from './correlation-coefficient.js';

const image = (...values: number[]) => ndarray(Float64Array.from(values), [2, values.length / 2]);

describe('correlationCoefficient', () => {
  const fused = image(0, 10, 0, 10);

  it('is the mean of both correlations', () => {
    expect(correlationCoefficient(fused, fused, image(10, 0, 10, 0))).toBe(0);
    expect(correlationCoefficient(fused, fused, image(0, 0, 20, 20))).toBe(0.5);
    expect(correlationCoefficient(fused, fused, image(7, 27, 7, 27))).toBe(1);
  });

  it('has the slip of the toolbox in its convention', () => {
    // From the mean of A, 5, B deviates by 2, 22, 2, 22: the product with F is 200, the squares are 976 and 100.
    const expected = (1 + 200 / Math.sqrt(976 * 100)) / 2;
    expect(correlationCoefficient(fused, fused, image(7, 27, 7, 27), 'matlab')).toBeCloseTo(expected, 14);
    expect(correlationCoefficient(fused, fused, image(7, 27, 7, 27), 'standard')).toBe(1);
  });

  it('is NaN for a constant image, also where its mean is not a float64', () => {
    const constant = image(0.1, 0.1, 0.1, 0.1);
    expect(correlationCoefficient(fused, fused, constant)).toBeNaN();
    expect(correlationCoefficient(constant, fused, fused)).toBeNaN();
    expect(correlationCoefficient(fused, constant, fused, 'matlab')).toBeNaN();
  });
});
