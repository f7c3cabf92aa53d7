import { rng } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { noise } from './noise.js';

const points = Array.from(
  { length: 2000 },
  (_, i) => [(i % 50) * 0.37 - 8, Math.floor(i / 50) * 0.29 - 5] as const,
);

describe('noise', () => {
  it('lies in [0, 1], varies, and has the mean of uniform values', () => {
    const field = noise(rng(1), 4);
    const values = points.map(([x, y]) => field(x, y));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThanOrEqual(1);
    expect(Math.max(...values) - Math.min(...values)).toBeGreaterThan(0.5);
    // 260 lattice points of standard deviation 0.29: the mean lies within 0.09 (5 sigma) of 0.5.
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.09);
  });

  it('depends on the seed, and is a function', () => {
    const [one, again, other] = [noise(rng(1)), noise(rng(1)), noise(rng(2))];
    const at = (field: typeof one) => points.map(([x, y]) => field(x, y));
    expect(at(one)).toEqual(at(again));
    expect(at(one)).not.toEqual(at(other));
  });

  it('is smooth across the lattice', () => {
    const field = noise(rng(3));
    // The quintic is at most 15/8 steep, the values 1 apart.
    for (const [x, y] of points) {
      const whole = [Math.round(x), Math.round(y)] as const;
      const before = field(whole[0] - 1e-4, whole[1] - 1e-4);
      const after = field(whole[0] + 1e-4, whole[1] + 1e-4);
      expect(Math.abs(after - before)).toBeLessThan(1e-6);
      expect(Math.abs(field(x + 1e-3, y) - field(x, y))).toBeLessThan(1.9e-3);
    }
  });
});
