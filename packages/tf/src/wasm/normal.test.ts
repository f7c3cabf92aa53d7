import { type Float64Tensor, reference } from '@refusion/autodiff';
import { describe, expect, it } from 'vitest';
import { gelu, geluSlope } from './normal.js';

const { ops } = reference;
const grid = Float32Array.from({ length: 30_001 }, (_unused, i) => (i - 15_000) / 1000);
const points = ops.constant(grid, [grid.length]);

describe.each([
  { label: 'gelu', fill: gelu, expected: ops.gelu(points), at100: 100 },
  { label: 'geluSlope', fill: geluSlope, expected: ops.geluSlope(points), at100: 1 },
])('$label', ({ fill, expected, at100 }) => {
  function filled(from: Float32Array): Float32Array {
    const to = new Float32Array(from.length);
    fill(from, to);
    return to;
  }

  it('is exact to 1e-7 of the larger of 1 and |x|, from -15 to 15', () => {
    const { data } = expected as Float64Tensor;
    const errors = filled(grid).map(
      (value, i) => Math.abs(value - (data[i] as number)) / Math.max(Math.abs(grid[i] as number), 1),
    );
    expect(Math.max(...errors)).toBeLessThan(1e-7);
  });

  it('goes to its limits and keeps NaN', () => {
    const [low, high, nan] = filled(Float32Array.of(-100, 100, Number.NaN));
    expect(low).toBeCloseTo(0, 12);
    expect(high).toBe(at100);
    expect(nan).toBeNaN();
  });
});
