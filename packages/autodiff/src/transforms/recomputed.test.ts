import { expectClose, normals } from '@refusion/test-utils';
import { describe, expect, it } from 'vitest';
import { type Float64Tensor, jvp, Ops, recomputed, reference, type Tensor, vjp } from '../index.js';

/** Two routes to the same number, which add in another order. */
const EXACT = 1e-13;

const { ops } = reference;
const flat = (xs: readonly Tensor[]): Float64Array =>
  Float64Array.from(xs.flatMap((x) => [...(x as Float64Tensor).data]));
const tensor = (shape: readonly number[], seed: number): Tensor =>
  ops.constant(
    normals(
      shape.reduce((n, length) => n * length, 1),
      seed,
    ),
    [...shape],
  );

type Map = (o: Ops, inputs: readonly Tensor[]) => readonly Tensor[];

/** A layer and what it adds to: x is used twice, inside and in the sum that follows. */
const layer = (o: Ops, { x, w }: { x: Tensor; w: Tensor }): Tensor =>
  o.add(x, o.sigmoid(o.matMul(o.gelu(x), w)));
const plain: Map = (o, [x, w, v]) => {
  const y = layer(o, { x: x as Tensor, w: w as Tensor });
  return [o.mul(layer(o, { x: y, w: v as Tensor }), x as Tensor)];
};
const again: Map = (o, [x, w, v]) => {
  const y = recomputed(o, layer, { x: x as Tensor, w: w as Tensor });
  return [o.mul(recomputed(o, layer, { x: y, w: v as Tensor }), x as Tensor)];
};
const inputs = [tensor([3, 2], 1), tensor([2, 2], 2), tensor([2, 2], 3)];
const directions = [tensor([3, 2], 4), tensor([2, 2], 5), tensor([2, 2], 6)];
const cotangent = tensor([3, 2], 7);

const backward =
  (map: Map): Map =>
  (o, xs) =>
    vjp(o, map, xs).pullback([cotangent]);
const forward =
  (map: Map): Map =>
  (o, xs) =>
    jvp(o, map, xs, directions).tangent;

describe('a part that is recomputed', () => {
  it.each([
    ['the value', (map: Map) => map],
    ['vjp', backward],
    ['jvp', forward],
    ['jvp of vjp', (map: Map) => forward(backward(map))],
    ['vjp of jvp', (map: Map) => backward(forward(map))],
    ['jvp of jvp', (map: Map) => forward(forward(map))],
    // The cotangents of three gradients: of each, its own direction.
    [
      'vjp of vjp',
      (map: Map): Map =>
        (o, xs) =>
          vjp(o, backward(map), xs).pullback(directions),
    ],
    ['jvp of vjp of vjp', (map: Map) => forward((o, xs) => vjp(o, backward(map), xs).pullback(directions))],
  ])('has the derivatives that it has otherwise: %s', (_what, derivative) => {
    expectClose(flat(derivative(again)(ops, inputs)), flat(derivative(plain)(ops, inputs)), EXACT);
  });

  it('evaluates again, and of its inputs derives those alone that are asked for', () => {
    const calls: string[] = [];
    const counting = new Ops({
      name: 'counting',
      constant: (values, shape) => ops.constant(values, shape),
      apply: (o, operation, xs, attrs) => {
        calls.push(operation.name);
        return operation.name === 'recomputed' && operation.define
          ? operation.define(o, xs, attrs)
          : ops.apply(operation, xs, attrs);
      },
      scope: (fn) => fn(),
      release: () => {},
    });
    const [x, w] = inputs as [Tensor, Tensor];
    const { pullback } = vjp(counting, (o, at: Tensor) => recomputed(o, layer, { x: at, w }), x);
    const evaluated = ['recomputed', 'gelu', 'matMul', 'sigmoid', 'add'];
    expect(calls.splice(0)).toEqual(evaluated);
    pullback([cotangent]);
    expect(calls.slice(0, 4)).toEqual(evaluated.slice(1));
    // One product gives x its cotangent; w, which stands still, would get another.
    expect(calls.slice(4).filter((name) => name === 'matMul')).toHaveLength(1);
  });
});
