import { describe, expect, it } from 'vitest';
import { erf, erfc } from './erf.js';

// math.erf of CPython 3.11; on both sides of 2.5, where the method changes.
const TABLE: readonly (readonly [number, number])[] = [
  [0, 0],
  [0.1, 0.1124629160182849],
  [0.5, 0.5204998778130465],
  [1, 0.8427007929497149],
  [1.5, 0.9661051464753108],
  [2, 0.9953222650189527],
  [2.4999, 0.9995928300996666],
  [2.5001, 0.9995932657565293],
  [3, 0.9999779095030014],
  [4, 0.9999999845827421],
];

describe('erf', () => {
  it.each(TABLE)('of %f is %f, and odd', (x, y) => {
    expect(Math.abs(erf(x) - y)).toBeLessThan(4e-16 + 1e-15 * y);
    expect(erf(-x)).toBe(-erf(x));
  });

  it('ends at 1, and keeps NaN', () => {
    expect([erf(7), erf(-7), erf(Number.POSITIVE_INFINITY)]).toEqual([1, -1, 1]);
    expect(erf(Number.NaN)).toBeNaN();
  });
});

// scipy.special.erfc of SciPy 1.17.1; on both sides of 2.5, where the method changes.
const COMPLEMENTS: readonly (readonly [number, number])[] = [
  [-3, 1.9999779095030015],
  [-0.5, 1.5204998778130465],
  [0, 1],
  [0.5, 0.4795001221869535],
  [2, 0.004677734981047266],
  [2.4999, 0.0004071699003334512],
  [2.5001, 0.0004067342434706796],
  [3, 2.2090496998585445e-5],
  [5, 1.5374597944280347e-12],
  [10, 2.0884875837625446e-45],
  [26, 5.663192408856145e-296],
];

describe('erfc', () => {
  it.each(COMPLEMENTS)('of %f is %f', (x, y) => {
    expect(Math.abs(erfc(x) - y)).toBeLessThan(1e-12 * y);
  });

  it('ends at 0, and keeps NaN', () => {
    expect([erfc(40), erfc(Number.NEGATIVE_INFINITY)]).toEqual([0, 2]);
    expect(erfc(Number.NaN)).toBeNaN();
  });
});
