import { ndarray } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { msSsim } from './ms-ssim.js';

const image = (value: (x: number, y: number) => number, side = 161) =>
  ndarray(
    Float64Array.from({ length: side * side }, (_, i) => value(i % side, Math.floor(i / side))),
    [side, side],
  );

describe('msSsim', () => {
  it('of constant images compares means, at the coarsest scale alone', () => {
    const similarity = (x: number, y: number) => (2 * x * y + 2.55 ** 2) / (x * x + y * y + 2.55 ** 2);
    const [fused, a, b] = [65, 40, 90].map((gray) => image(() => gray)) as [
      ReturnType<typeof image>,
      ReturnType<typeof image>,
      ReturnType<typeof image>,
    ];
    const expected = (similarity(65, 40) ** 0.1333 + similarity(65, 90) ** 0.1333) / 2;
    expect(msSsim(fused, a, b)).toBeCloseTo(expected, 12);
  });

  it('is NaN for an image and its negative', () => {
    const waves = image((x, y) => 128 + 100 * Math.sin(x / 20) * Math.cos(y / 15));
    const negative = image((x, y) => 128 - 100 * Math.sin(x / 20) * Math.cos(y / 15));
    expect(msSsim(waves, negative, waves)).toBeNaN();
  });

  it('refuses images that are too small for the coarsest scale', () => {
    const small = image(() => 0, 160);
    expect(() => msSsim(small, small, small)).toThrow(
      'msSsim: the images must be at least 161x161 pixels, got a height of 160 and a width of 160',
    );
  });
});
