import { describe, expect, it } from 'vitest';
import { band, below, box, convex, ellipse, frayed, type Outline, stroke, union } from './outline.js';

const square = convex([
  [1, 1],
  [3, 1],
  [3, 3],
  [1, 3],
]);

describe('outlines', () => {
  it.each<[string, Outline, number, number, number]>([
    ['circle', ellipse(1, 2, 0.5, 0.5), 1, 3, 0.5],
    ['circle, inside', ellipse(1, 2, 0.5, 0.5), 1.25, 2, -0.25],
    ['middle of an ellipse', ellipse(1, 2, 0.5, 0.3), 1, 2, -0.3],
    ['end of an ellipse', ellipse(1, 2, 0.5, 0.3), 1.5, 2, 0],
    ['box, to its side', box([0, 0, 4, 2]), 6, 1, 2],
    ['box, off its corner', box([0, 0, 4, 2]), 7, 6, 5],
    ['box, inside', box([0, 0, 4, 2]), 1, 1, -1],
    ['round box, its corner', box([0, 0, 4, 2], 1), 4, 2, Math.SQRT2 - 1],
    ['stroke, beside', stroke(0, 0, 4, 0, 0.5), 2, 3, 2.5],
    ['stroke, past its end', stroke(0, 0, 4, 0, 0.5), 7, 4, 4.5],
    ['stroke of no length', stroke(1, 1, 1, 1, 0.5), 1, 3, 1.5],
    ['convex polygon, inside', square, 2, 1.5, -0.5],
    ['convex polygon, outside', square, 2, 4, 1],
    ['below a curve', below((x) => x, 0, 9), 2, 5, -3],
    ['below a curve, under its end', below((x) => x, 0, 9), 2, 10, 1],
    ['band', band(1, 2), 7, 0.5, 0.5],
    ['union', union(ellipse(0, 0, 1, 1), ellipse(5, 0, 1, 1)), 3, 0, 1],
    ['frayed', frayed(ellipse(0, 0, 1, 1), 0.5, () => 1), 3, 0, 1.5],
  ])('%s', (_, outline, x, y, distance) => {
    expect(outline.distance(x, y)).toBeCloseTo(distance, 12);
  });

  it.each<[string, Outline]>([
    ['ellipse', ellipse(1, 2, 0.5, 0.3)],
    ['box', box([0, 1, 2, 3], 0.2)],
    ['stroke', stroke(0, 0, 1, 2, 0.4)],
    ['convex', square],
    ['union', union(square, ellipse(0, 0, 1, 1))],
    ['frayed', frayed(ellipse(0, 0, 1, 1), 0.3, (x) => Math.sin(9 * x))],
  ])('lies within its bounds: %s', (_, { bounds: [left, top, right, bottom], distance }) => {
    for (let i = 0; i <= 100; i++) {
      const [x, y] = [left + (i / 100) * (right - left), top + (i / 100) * (bottom - top)];
      for (const [u, v] of [
        [left, y],
        [right, y],
        [x, top],
        [x, bottom],
      ] as const) {
        expect(distance(u, v)).toBeGreaterThan(-1e-9);
      }
    }
  });
});
