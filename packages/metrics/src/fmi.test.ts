import { ndarray } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { fmi } from './fmi.js';

/** A 3x3 window, given row by row. */
const image = (...values: number[]) => ndarray(Float64Array.from(values), [3, 3]);

describe('fmi', () => {
  it('is 1 where the windows are equal, whatever they are', () => {
    const constant = image(7, 7, 7, 7, 7, 7, 7, 7, 7);
    expect(fmi(constant, constant, constant)).toBe(1);
  });

  it('is 0 where a window is constant or has one value above its least', () => {
    const [constant, other] = [image(7, 7, 7, 7, 7, 7, 7, 7, 7), image(1, 2, 3, 4, 5, 6, 7, 8, 9)];
    const peak = image(0, 0, 0, 0, 90, 0, 0, 0, 0);
    expect(fmi(other, constant, peak)).toBe(0);
  });

  it('is 1 for proportional windows: the places are coupled as closely as can be', () => {
    const [fused, brighter] = [image(0, 2, 4, 1, 3, 5, 6, 7, 8), image(10, 30, 50, 20, 40, 60, 70, 80, 90)];
    expect(fmi(fused, brighter, brighter)).toBeCloseTo(1, 14);
  });

  it('goes down the columns, and mixes the closest coupling with independence', () => {
    // Down the columns: F has shares 1/2, 1/2 at the places 0, 1; A has 1/4, 1/2, 1/4 at 0, 1, 2.
    const fused = image(1, 0, 0, 1, 0, 0, 0, 0, 0);
    const a = image(1, 0, 0, 2, 0, 0, 1, 0, 0);
    const ninth = 1 / 9;
    const c = (1 / 8 + 1 / 4 - ninth) / Math.sqrt((1 / 2 - ninth) * (1 / 16 + 1 / 4 + 1 / 16 - ninth));
    // The closest coupling is 0-0: 1/4, 0-1: 1/4, 1-1: 1/4, 1-2: 1/4. Means 1/2 and 1, variances 1/4 and 1/2.
    const closest = (1 / 4 + 2 / 4 - 1 / 2) / Math.sqrt(1 / 4 / 2);
    // Above 1 here, which makes the shares of uncoupled places negative.
    const phi = c / closest;
    const joint = [
      [1 / 4, 1 / 8],
      [1 / 4, 1 / 4],
      [0, 1 / 8],
      [0, 1 / 8],
      [1 / 4, 1 / 4],
      [1 / 4, 1 / 8],
    ].map(([coupled = 0, independent = 0]) => phi * coupled + (1 - phi) * independent);
    const entropy = (shares: number[]) => -shares.reduce((sum, p) => sum + p * Math.log2(Math.abs(p)), 0);
    const [ofF, ofA] = [entropy([1 / 2, 1 / 2]), entropy([1 / 4, 1 / 2, 1 / 4])];
    const expected = (2 * (ofF + ofA - entropy(joint))) / (ofF + ofA);
    expect(fmi(fused, a, a)).toBeCloseTo(expected, 13);
  });

  it('refuses images smaller than a window', () => {
    const small = ndarray(new Uint8Array(6), [2, 3]);
    expect(() => fmi(small, small, small)).toThrow(
      'fmi: the images must be at least 3x3 pixels, got a height of 2 and a width of 3',
    );
  });
});
