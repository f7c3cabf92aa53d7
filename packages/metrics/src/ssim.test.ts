import { type NdArray, ndarray, rng, ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { ssim } from './ssim.js';

/** The definition, window by window and moment by moment, for images of `[height, width]`. */
function directSsim(x: Float64Array, y: Float64Array, height: number, width: number): number {
  const scores: number[] = [];
  for (let top = 0; top + 7 <= height; top++) {
    for (let left = 0; left + 7 <= width; left++) {
      const window = Array.from({ length: 49 }, (_, i) => (top + Math.floor(i / 7)) * width + left + (i % 7));
      const mean = (of: (i: number) => number) => window.reduce((sum, i) => sum + of(i), 0) / 49;
      const valueX = (i: number) => x[i] as number;
      const valueY = (i: number) => y[i] as number;
      const [meanX, meanY] = [mean(valueX), mean(valueY)];
      const [c1, c2] = [0.02 ** 2, 0.06 ** 2];
      const varianceX = (mean((i) => (valueX(i) - meanX) ** 2) * 49) / 48;
      const varianceY = (mean((i) => (valueY(i) - meanY) ** 2) * 49) / 48;
      const covariance = (mean((i) => (valueX(i) - meanX) * (valueY(i) - meanY)) * 49) / 48;
      scores.push(
        ((2 * meanX * meanY + c1) * (2 * covariance + c2)) /
          ((meanX ** 2 + meanY ** 2 + c1) * (varianceX + varianceY + c2)),
      );
    }
  }
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

describe('ssim', () => {
  const filled = (value: number, height: number, width: number): NdArray =>
    ndarray(new Float64Array(height * width).fill(value), [height, width]);

  it('compares means alone on constant images', () => {
    const similarity = (x: number, y: number) => (2 * x * y + 0.0004) / (x * x + y * y + 0.0004);
    const expected = similarity(65, 40) + similarity(65, 90);
    expect(ssim(filled(65, 8, 9), filled(40, 8, 9), filled(90, 8, 9))).toBeCloseTo(expected, 14);
  });

  it('follows its definition on a tall image of fractions, where running sums could drift', () => {
    const random = rng(7);
    const [height, width] = [400, 9];
    // A faint texture on a bright ground is the worst case: variances near C2 beside squares of 6e4.
    const faint = () => Float64Array.from({ length: height * width }, () => 250 + 0.1 * random.uniform());
    const [fused, a, b] = [faint(), faint(), faint()];
    const expected = directSsim(fused, a, height, width) + directSsim(fused, b, height, width);
    const shape = [height, width];
    const score = ssim(ndarray(fused, shape), ndarray(a, shape), ndarray(b, shape));
    // 1e-7: sums of about 3e6 carry rounding errors of 1e-10 a row, N times which meets the scaled C2 of 8.
    expect(Math.abs(score - expected)).toBeLessThan(1e-7);
  });

  it.each([
    [6, 7],
    [7, 6],
  ])('refuses %dx%d pixels', (height, width) => {
    const small = filled(1, height, width);
    expect(() => ssim(small, small, small)).toThrow(ShapeError);
    expect(() => ssim(small, small, small)).toThrow(
      `ssim: the images must be at least 7x7 pixels, got a height of ${height} and a width of ${width}`,
    );
  });
});

describe('ssim in the standard convention', () => {
  it('follows its definition: Gaussian windows, a data range of 255, the mean of both sources', () => {
    const random = rng(9);
    const [height, width] = [13, 12];
    const image = () => Float64Array.from({ length: height * width }, () => random.integer(256));
    const [fused, a, b] = [image(), image(), image()];
    const score = (x: Float64Array, y: Float64Array): number => {
      const scores: number[] = [];
      for (let place = 0; place < 3 * 2; place++) {
        const [top, left] = [Math.floor(place / 2), place % 2];
        const window = Array.from({ length: 121 }, (_, i) => {
          const [down, right] = [Math.floor(i / 11), i % 11];
          const weight = Math.exp(-((down - 5) ** 2 + (right - 5) ** 2) / (2 * 1.5 ** 2));
          return { weight, i: (top + down) * width + left + right };
        });
        const weights = window.reduce((sum, { weight }) => sum + weight, 0);
        const mean = (of: (i: number) => number) =>
          window.reduce((sum, { weight, i }) => sum + weight * of(i), 0) / weights;
        const [valueX, valueY] = [(i: number) => x[i] as number, (i: number) => y[i] as number];
        const [meanX, meanY] = [mean(valueX), mean(valueY)];
        const [c1, c2] = [2.55 ** 2, 7.65 ** 2];
        const variances = mean((i) => (valueX(i) - meanX) ** 2 + (valueY(i) - meanY) ** 2);
        const covariance = mean((i) => (valueX(i) - meanX) * (valueY(i) - meanY));
        scores.push(
          ((2 * meanX * meanY + c1) * (2 * covariance + c2)) /
            ((meanX ** 2 + meanY ** 2 + c1) * (variances + c2)),
        );
      }
      return scores.reduce((sum, value) => sum + value, 0) / scores.length;
    };
    const shape = [height, width];
    const actual = ssim(ndarray(fused, shape), ndarray(a, shape), ndarray(b, shape), 'standard');
    expect(actual).toBeCloseTo((score(fused, a) + score(fused, b)) / 2, 13);
  });

  it('needs 11x11 pixels', () => {
    const small = ndarray(new Uint8Array(110), [10, 11]);
    expect(() => ssim(small, small, small, 'matlab')).toThrow(
      'ssim: the images must be at least 11x11 pixels, got a height of 10 and a width of 11',
    );
  });
});
