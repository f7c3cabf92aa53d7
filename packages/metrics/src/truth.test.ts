import { ndarray, rng, ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { maeToTruth } from './mae-to-truth.js';
import { psnrToTruth } from './psnr-to-truth.js';
import { ssim } from './ssim.js';
import { ssimToTruth } from './ssim-to-truth.js';

const image = (...values: number[]) => ndarray(Float64Array.from(values), [1, values.length]);

describe('a fused image and the ground truth', () => {
  // Errors 3 and 4: mean 3.5, mean square 12.5.
  const [fused, truth] = [image(10, 20), image(13, 16)];

  it('differ by the mean absolute error', () => {
    expect(maeToTruth(fused, truth)).toBe(3.5);
  });

  it('have the noise of the mean square against a peak of 255', () => {
    expect(psnrToTruth(fused, truth)).toBeCloseTo(10 * Math.log10(65025 / 12.5), 13);
    expect(psnrToTruth(fused, fused)).toBe(Number.POSITIVE_INFINITY);
  });

  it('have the structural similarity that a source would have', () => {
    const random = rng(4);
    const noise = () =>
      ndarray(
        Uint8Array.from({ length: 180 }, () => random.integer(256)),
        [12, 15],
      );
    const [x, y] = [noise(), noise()];
    expect(ssimToTruth(x, y)).toBe(ssim(x, y, y, 'standard'));
  });

  it('must be of one shape, and large enough for a window', () => {
    expect(() => maeToTruth(fused, image(1))).toThrow(
      'maeToTruth: truth must have the shape of fused [1,2], got [1,1]',
    );
    expect(() => psnrToTruth(fused, image(1))).toThrow(ShapeError);
    expect(() => ssimToTruth(fused, truth)).toThrow(
      'ssimToTruth: the images must be at least 11x11 pixels, got a height of 1 and a width of 2',
    );
  });
});
