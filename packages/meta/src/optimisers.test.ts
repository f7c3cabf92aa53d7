import { type Float64Tensor, reference, type Tensor } from '@refusion/autodiff';
import type { Params } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { adam, adamState, normalisedSgd, sgd } from './index.js';

const { ops } = reference;
const params = { x: ops.constant([1, -2], [2]), y: ops.scalar(3) };
const gradients = { x: ops.constant([0.5, -4], [2]), y: ops.scalar(0) };
const values = (record: Params<Tensor>): number[] =>
  Object.values(record).flatMap((x) => [...(x as Float64Tensor).data]);

describe('sgd', () => {
  it('steps against the gradient', () => {
    expect(values(sgd(ops, params, gradients, 0.1))).toEqual([0.95, -1.6, 3]);
  });
});

describe('normalisedSgd', () => {
  it('divides by the largest entry over all parameters', () => {
    const [x0, x1, y] = values(normalisedSgd(ops, params, gradients, 0.1));
    expect(x0).toBeCloseTo(1 - 0.1 * (0.5 / 4), 14);
    expect(x1).toBeCloseTo(-2 + 0.1, 14);
    expect(y).toBe(3);
  });

  it('changes nothing at a gradient of zeros', () => {
    const zeros = { x: ops.zeros([2]), y: ops.scalar(0) };
    expect(values(normalisedSgd(ops, params, zeros, 0.1))).toEqual([1, -2, 3]);
  });
});

describe('adam', () => {
  it("takes the steps that Kingma and Ba's formulas give by hand", () => {
    const options = { rate: 0.01 };
    let x = 1;
    let [m, v] = [0, 0];
    let state = adamState(ops, { x: params.y });
    let current: Params<Tensor> = { x: ops.scalar(1) };
    [0.5, -0.2, 0.3].forEach((g, i) => {
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      x -= (0.01 * (m / (1 - 0.9 ** (i + 1)))) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8);
      ({ params: current, state } = adam(ops, current, { x: ops.scalar(g) }, state, options));
      expect(values(current)[0]).toBeCloseTo(x, 14);
    });
    expect(state.step).toBe(3);
  });
});
