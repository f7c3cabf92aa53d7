import { ndarray, OptionError, ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import type { Convention } from './convention.js';
import { mutualInformation } from './mutual-information.js';
import { normalisedMutualInformation } from './normalised-mutual-information.js';

const image = (...values: number[]) => ndarray(Float64Array.from(values), [2, values.length / 2]);

// F tells A's level, of which there are two; F and B are independent.
const fused = image(10, 10, 20, 20, 30, 30, 40, 40);
const a = image(7, 7, 7, 7, 9, 9, 9, 9);
const b = image(1, 2, 1, 2, 1, 2, 1, 2);

describe('mutualInformation', () => {
  it('adds the information of both sources, in nats or bits', () => {
    expect(mutualInformation(fused, a, b)).toBeCloseTo(Math.LN2, 14);
    expect(mutualInformation(fused, a, a, 'matlab')).toBeCloseTo(2, 14);
    // By hand: H(F) = 2 bits, all of it shared with F itself, and 1 bit with A.
    expect(mutualInformation(fused, fused, a, 'standard')).toBeCloseTo(3, 14);
  });

  it('is 0, not below, for a constant fused image', () => {
    expect(mutualInformation(image(5, 5, 5, 5, 5, 5, 5, 5), a, b)).toBe(0);
  });

  it('rounds, ties to even', () => {
    expect(mutualInformation(image(0.5, 0, 1.5, 2.5), image(0, 0, 2, 2), image(9, 9, 9, 9))).toBeCloseTo(
      Math.LN2,
      14,
    );
  });

  it('refuses sources of another shape and unknown conventions', () => {
    expect(() => mutualInformation(fused, a, image(1, 2))).toThrow(ShapeError);
    expect(() => mutualInformation(fused, a, b, 'python' as Convention)).toThrow(OptionError);
    expect(() => mutualInformation(fused, a, b, 'python' as Convention)).toThrow(
      'mutualInformation: convention must be one of evaluator, matlab, standard, got "python"',
    );
  });
});

describe('normalisedMutualInformation', () => {
  it('divides by the mean entropies', () => {
    // I(F, A) = 1 bit, H(F) = 2, H(A) = 1; I(F, B) = 0.
    expect(normalisedMutualInformation(fused, a, b)).toBeCloseTo(2 / 3, 14);
    expect(normalisedMutualInformation(fused, fused, fused)).toBeCloseTo(2, 14);
  });

  it('is NaN where there is no information at all', () => {
    const constant = image(5, 5, 5, 5, 5, 5, 5, 5);
    expect(normalisedMutualInformation(constant, constant, a)).toBeNaN();
    expect(normalisedMutualInformation(constant, a, b)).toBe(0);
  });
});
