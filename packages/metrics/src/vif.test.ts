import { type NdArray, ndarray, rng, ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { vif } from './vif.js';

const random = rng(3);
const noise = (height: number, width: number, contrast = 1): NdArray =>
  ndarray(
    Float64Array.from({ length: height * width }, () => 128 + contrast * (random.integer(100) - 50)),
    [height, width],
  );
const map = ({ data, shape }: NdArray, change: (value: number) => number) =>
  ndarray(Float64Array.from(data, change), shape);

describe('vif', () => {
  const [a, b] = [noise(41, 48), noise(41, 48)];

  it('adds or averages the sources', () => {
    expect(vif(a, a, b, 'matlab')).toBe(vif(a, a, b));
    expect(vif(a, a, b, 'standard')).toBe(vif(a, a, b) / 2);
  });

  it('is 1 for a source that equals the fused image, more where that has its contrast raised, less where lowered', () => {
    expect(vif(a, a, a, 'standard')).toBeCloseTo(1, 9);
    const [louder, quieter] = [1.5, 0.5].map((gain) => map(a, (value) => 128 + gain * (value - 128))) as [
      NdArray,
      NdArray,
    ];
    expect(vif(louder, a, a, 'standard')).toBeGreaterThan(1.05);
    expect(vif(quieter, a, a, 'standard')).toBeLessThan(0.95);
  });

  it('is 0 where the fused image runs against the source, or is flat', () => {
    expect(
      vif(
        map(a, (value) => 256 - value),
        a,
        a,
      ),
    ).toBe(0);
    expect(
      vif(
        map(a, () => 77),
        a,
        a,
      ),
    ).toBe(0);
  });

  it('of a constant source is 1 in the Evaluator and NaN elsewhere', () => {
    const constant = map(a, () => 200);
    expect(vif(a, constant, constant)).toBe(2);
    expect(vif(a, a, constant)).toBeCloseTo(2, 9);
    expect(vif(a, a, constant, 'matlab')).toBeNaN();
    expect(vif(a, constant, a, 'standard')).toBeNaN();
  });

  it('needs 41x41 pixels, but for the Evaluator', () => {
    const small = noise(40, 45);
    expect(() => vif(small, small, small, 'matlab')).toThrow(
      'vif: the images must be at least 41x41 pixels, got a height of 40 and a width of 45',
    );
    expect(() => vif(small, small, small, 'standard')).toThrow(ShapeError);
  });

  it('refuses images that are larger than a window one way and smaller the other', () => {
    const strip = noise(16, 18);
    expect(() => vif(strip, strip, strip)).toThrow(
      'vif: a 17x17 window neither fits into nor covers 16x18 pixels, the images at one of the four scales; give images of at least 41x41 pixels',
    );
  });
});
