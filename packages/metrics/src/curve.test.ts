import { expect, it } from 'vitest';
import { Curve } from './curve.js';

it.each([
  ['a cubic polynomial, exactly', (x: number) => 1 - 2 * x + 3 * x ** 2 - 0.5 * x ** 3, 4, 1e-14],
  // Fourth derivative 1, h = 1/64.
  ['an exponential', (x: number) => Math.exp(-x), 64, 1 / 64 ** 4 / 3072],
  ['a sigmoid of slope 15', (x: number) => 1 / (1 + Math.exp(15 * (0.5 - x))), 1024, 2e-11],
])('follows %s', (_, value, perUnit, tolerance) => {
  const curve = new Curve(value, 2, perUnit);
  for (let i = 0; i <= 2000; i++) {
    const x = i / 1000;
    expect(Math.abs(curve.at(x) - value(x))).toBeLessThanOrEqual(tolerance);
  }
});
