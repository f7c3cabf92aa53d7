import { ndarray } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { nabf } from './nabf.js';
import { qabf } from './qabf.js';

const image = (height: number, width: number, value: (x: number, y: number) => number) =>
  ndarray(
    Float64Array.from({ length: height * width }, (_, i) => value(i % width, Math.floor(i / width))),
    [height, width],
  );

const sigmoid = (limit: number, slope: number, middle: number, value: number): number =>
  limit / (1 + Math.exp(-slope * (value - middle)));

// Its curves for the sigmoids are off by up to 2e-11 of them.
const DIGITS = 11;

describe('qabf', () => {
  it('takes the strength for the ratio of equal strengths, but for the standard', () => {
    // Two pixels of 0.1 among zeros: both have s_x = +-0.2 and s_y = 0.
    const faint = image(1, 2, () => 0.1);
    const orientation = sigmoid(0.9879, 22, 0.8, 1);
    expect(qabf(faint, faint, faint)).toBeCloseTo(sigmoid(0.9994, 15, 0.5, 0.2) * orientation, DIGITS);
    expect(qabf(faint, faint, faint, 'matlab')).toBe(qabf(faint, faint, faint));
    expect(qabf(faint, faint, faint, 'standard')).toBeCloseTo(
      sigmoid(0.9994, 15, 0.5, 1) * orientation,
      DIGITS,
    );
  });

  it('compares strength and orientation, weighted by the strength of the source', () => {
    // One row among zeros: s_x is twice the difference of the neighbours, s_y is 0 everywhere; where s_x is 0 the
    // orientation is 90 degrees.
    const fused = image(1, 3, (x) => [4, 4, 4][x] as number); // s_x = 8, 0, -8
    const a = image(1, 3, (x) => [0, 1, 4][x] as number); // s_x = 2, 8, -2
    const b = image(1, 3, () => 0); // no edges, no weight
    const q = (ratio: number, turn: number) =>
      sigmoid(0.9994, 15, 0.5, ratio) * sigmoid(0.9879, 22, 0.8, 1 - turn);
    const expected = (2 * q(2 / 8, 0) + 8 * q(0, 1) + 2 * q(2 / 8, 0)) / 12;
    expect(qabf(fused, a, b)).toBeCloseTo(expected, DIGITS);
    expect(qabf(fused, b, a)).toBeCloseTo(expected, DIGITS);
  });

  it('is NaN where the sources have no edges', () => {
    const [black, pixel] = [image(3, 3, () => 0), image(1, 1, () => 200)];
    expect(
      qabf(
        image(3, 3, (x) => x),
        black,
        black,
      ),
    ).toBeNaN();
    expect(qabf(pixel, pixel, pixel)).toBeNaN();
  });
});

describe('nabf', () => {
  // With mirrored borders a ramp of 8 a pixel has s_x = 64 / 8 = 8 inside and 0 at the two ends.
  const ramp = (slope: number) => image(3, 4, (x) => slope * x);

  it('counts the edges that are stronger than in both sources', () => {
    // Inside G = 1/2 and T = 1, for both sources; at the ends nothing has an edge, and the weights are 0.001.
    const q = Math.sqrt(sigmoid(0.9999, 19, 0.5, 0.5) * sigmoid(0.9995, 22, 0.5, 1));
    const weight = 8 ** 1.5;
    const expected = (6 * 2 * weight * (1 - q)) / (6 * 2 * weight + 6 * 2 * 0.001);
    expect(nabf(ramp(16), ramp(8), ramp(8))).toBeCloseTo(expected, 14);
  });

  it('is 0 where one source has an edge as strong', () => {
    expect(nabf(ramp(8), ramp(8), ramp(1))).toBe(0);
    expect(nabf(ramp(8), ramp(1), ramp(9))).toBe(0);
  });

  it('weighs edges below strength 2 by 0.001', () => {
    // T is 0: the edges of F run the other way. Sources of strength 1 and none.
    const flat = ramp(0);
    const lost = 1 - Math.sqrt(sigmoid(0.9999, 19, 0.5, 1 / 8) * sigmoid(0.9995, 22, 0.5, 1));
    const lostOfFlat = 1 - Math.sqrt(sigmoid(0.9999, 19, 0.5, 0) * sigmoid(0.9995, 22, 0.5, 0));
    expect(nabf(ramp(8), ramp(1), flat)).toBeCloseTo((6 * lost + 6 * lostOfFlat) / 24, 14);
  });

  it('refuses an image one pixel high or wide', () => {
    const line = image(1, 3, () => 0);
    expect(() => nabf(line, line, line)).toThrow(
      'nabf: the images must be at least 2x2 pixels, got a height of 1 and a width of 3',
    );
  });
});
