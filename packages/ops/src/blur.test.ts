import { type Float64Tensor, reference, type Tensor } from '@refusion/autodiff';
import { expect, it } from 'vitest';
import { blur } from './index.js';

const { ops } = reference;
const values = (x: Tensor): number[] => [...(x as Float64Tensor).data];

it('keeps a constant image constant, up to its border', () => {
  for (const v of values(blur(ops, ops.fill([1, 4, 5, 1], 0.3), { passes: 3 })))
    expect(v).toBeCloseTo(0.3, 15);
});

it('spreads a point as the binomial coefficients do', () => {
  const point = new Float64Array(49);
  point[24] = 1;
  const spread = values(blur(ops, ops.constant(point, [1, 7, 7, 1]), { passes: 2 }));
  const row = [0, 1, 4, 6, 4, 1, 0].map((c) => c / 16); // (1 + x)^4 / 16
  const expected = row.flatMap((a) => row.map((b) => a * b));
  spread.forEach((v, i) => {
    expect(v).toBeCloseTo(expected[i] as number, 15);
  });
});

it('refuses a number of passes that is none', () => {
  expect(() => blur(ops, ops.zeros([1, 3, 3, 1]), { passes: 0 })).toThrow(
    'blur: passes must be a whole number of at least 1, got 0',
  );
});
