import { ndarray, ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { scd } from './scd.js';

const image = (...values: number[]) => ndarray(Float64Array.from(values), [2, values.length / 2]);

describe('scd', () => {
  const a = image(0, 10, 0, 10);
  const b = image(0, 0, 20, 20);

  it('is 2 for the sum of the sources and -2 where the fused image is flat and the sources equal', () => {
    expect(scd(image(0, 10, 20, 30), a, b)).toBe(2);
    expect(scd(image(128, 128, 128, 128), a, a)).toBe(-2);
  });

  it('adds two correlations', () => {
    // F - B = (0, 10, -20, -6), from its mean (4, 14, -16, -2); A from its mean (-5, 5, -5, 5).
    const withA = 120 / Math.sqrt(472 * 100);
    // F - A = (0, 0, 0, 4), from its mean (-1, -1, -1, 3); B from its mean (-10, -10, 10, 10).
    const withB = 40 / Math.sqrt(12 * 400);
    expect(scd(image(0, 10, 0, 14), a, b)).toBeCloseTo(withA + withB, 14);
  });

  it('is NaN where a source or a difference is constant, also where its mean is not a float64', () => {
    const constant = image(0.1, 0.1, 0.1, 0.1);
    expect(scd(b, a, constant)).toBeNaN();
    expect(scd(a, a, b)).toBeNaN();
  });

  it('refuses sources of another shape', () => {
    expect(() => scd(a, a, image(1, 2))).toThrow(ShapeError);
    expect(() => scd(a, image(1, 2), b)).toThrow('scd: a must have the shape of fused [2,2], got [2,1]');
  });
});
