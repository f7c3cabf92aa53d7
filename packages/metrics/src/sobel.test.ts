import { ndarray, rng } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { grayOf } from './gray.js';
import { sobelRows } from './sobel.js';

const [HEIGHT, WIDTH] = [5, 4];
const random = rng(2);
const image = grayOf(
  'test',
  'image',
  ndarray(
    Uint8Array.from({ length: HEIGHT * WIDTH }, () => random.integer(256)),
    [HEIGHT, WIDTH],
  ),
);

const OUTSIDE = {
  zero: (i: number, length: number) => (i < 0 || i >= length ? null : i),
  mirror: (i: number, length: number) => (i < 0 ? -i : i >= length ? 2 * length - 2 - i : i),
};

describe.each(['zero', 'mirror'] as const)('sobelRows with a %s border', (border) => {
  it('weighs the differences 1, 2, 1', () => {
    const at = (row: number, column: number): number => {
      const inside = [OUTSIDE[border](row, HEIGHT), OUTSIDE[border](column, WIDTH)] as const;
      if (inside[0] === null || inside[1] === null) return 0;
      return image.data[inside[0] * WIDTH + inside[1]] as number;
    };
    const derivatives = sobelRows(image, border);
    for (let row = 0; row < HEIGHT; row++) {
      const { dx, dy } = derivatives(row);
      const along = (change: (k: number, weight: number) => number) =>
        change(-1, 1) + change(0, 2) + change(1, 1);
      for (let column = 0; column < WIDTH; column++) {
        const right = (k: number, weight: number) =>
          weight * (at(row + k, column + 1) - at(row + k, column - 1));
        const down = (k: number, weight: number) =>
          weight * (at(row + 1, column + k) - at(row - 1, column + k));
        expect([dx[column], dy[column]]).toEqual([along(right), along(down)]);
      }
    }
  });
});
