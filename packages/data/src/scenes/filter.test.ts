import { rng } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { blur } from './filter.js';

const [height, width] = [21, 25];
const random = rng(1);
const map = Float32Array.from({ length: height * width }, () => random.uniform());

/** The definition: a weighted mean over all pixels, the border repeated, cut at three sigma. */
function direct(row: number, column: number, sigma: number): number {
  const radius = Math.max(1, Math.ceil(3 * sigma));
  let [sum, total] = [0, 0];
  for (let dy = -radius; dy <= radius; dy++) {
    for (let dx = -radius; dx <= radius; dx++) {
      const weight = Math.exp(-(dx * dx + dy * dy) / (2 * sigma * sigma));
      const y = Math.min(height - 1, Math.max(0, row + dy));
      const x = Math.min(width - 1, Math.max(0, column + dx));
      sum += weight * (map[y * width + x] as number);
      total += weight;
    }
  }
  return sum / total;
}

describe('blur', () => {
  it.each([0.35, 1.3, 4])('is a Gaussian mean with sigma %f', (sigma) => {
    const blurred = blur(map, height, width, sigma);
    for (const [row, column] of [
      [0, 0],
      [10, 12],
      [20, 3],
      [7, 24],
    ] as const) {
      // Two passes, each rounded to float32.
      expect(blurred[row * width + column]).toBeCloseTo(direct(row, column, sigma), 6);
    }
  });

  it('copies for sigma 0', () => {
    const copy = blur(map, height, width, 0);
    expect(copy).toEqual(map);
    expect(copy).not.toBe(map);
  });
});
