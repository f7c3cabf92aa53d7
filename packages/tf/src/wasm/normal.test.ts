import { type Ops, reference, type Tensor } from '@refusion/autodiff';
import { describe, expect, it } from 'vitest';
import { loadEngine } from '../engine.js';

const grid = Float32Array.from({ length: 30_001 }, (_unused, i) => (i - 15_000) / 1000);

describe.each([
  { label: 'gelu', of: (ops: Ops, x: Tensor) => ops.gelu(x), at100: 100 },
  { label: 'geluSlope', of: (ops: Ops, x: Tensor) => ops.geluSlope(x), at100: 1 },
])('$label', ({ of, at100 }) => {
  async function values(points: Float32Array): Promise<ArrayLike<number>> {
    const { ops, read } = await loadEngine('wasm');
    return read(of(ops, ops.constant(points, [points.length])));
  }

  // 7.5e-8 of the formula and three roundings to float32, of 6e-8 each.
  it('is exact to 2.6e-7 of the larger of 1 and |x|, from -15 to 15', async () => {
    const actual = await values(grid);
    const expected = await reference.read(of(reference.ops, reference.ops.constant(grid, [grid.length])));
    const errors = expected.map(
      (value, i) => Math.abs((actual[i] as number) - value) / Math.max(Math.abs(grid[i] as number), 1),
    );
    expect(Math.max(...errors)).toBeLessThan(2.6e-7);
  });

  it('goes to its limits and keeps NaN', async () => {
    const [low, high, nan, middle] = [...Array.from(await values(Float32Array.of(-100, 100, Number.NaN, 0)))];
    expect(low).toBeCloseTo(0, 12);
    expect(high).toBe(at100);
    expect(nan).toBeNaN();
    expect(middle).toBeCloseTo(at100 === 100 ? 0 : 0.5, 6);
  });
});
