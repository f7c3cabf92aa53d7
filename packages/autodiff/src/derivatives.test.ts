import { derivativeAtZero, dot, expectClose, inputsOf, normals, OPERATION_CASES } from '@refusion/test-utils';
import { describe, expect, it } from 'vitest';
import { type Float64Tensor, jvp, OPERATIONS, type Ops, reference, type Tensor, vjp } from './index.js';

/** The five-point stencil reaches about 1e-11 on these inputs; a wrong rule is off by its own size. */
const FINITE_DIFFERENCE = 1e-8;
/** Two exact routes differ by float64 rounding alone. */
const EXACT = 1e-12;

const { ops } = reference;
const values = (x: Tensor): Float64Array => (x as Float64Tensor).data;
const flat = (xs: readonly Tensor[]): Float64Array => Float64Array.from(xs.flatMap((x) => [...values(x)]));

type Map = (ops: Ops, inputs: readonly Tensor[]) => readonly Tensor[];

/** inputs + t directions, as tensors */
function moved(inputs: readonly Tensor[], directions: readonly Tensor[], t: number): Tensor[] {
  return inputs.map((x, i) => ops.add(x, ops.mul(directions[i] as Tensor, t)));
}

/** Checks jvp against finite differences and vjp against jvp. */
function checkFirstOrder(map: Map, inputs: readonly Tensor[], seed: number): void {
  const directions = inputs.map((x, i) => ops.constant(normals(values(x).length, seed + i), x.shape));
  const numeric = derivativeAtZero((t) => flat(map(ops, moved(inputs, directions, t))));
  const { tangent } = jvp(ops, map, inputs, directions);
  expectClose(flat(tangent), numeric, FINITE_DIFFERENCE);

  const { value, pullback } = vjp(ops, map, inputs);
  const cotangents = value.map((y, i) => ops.constant(normals(values(y).length, seed + 50 + i), y.shape));
  const gradients = pullback(cotangents);
  expect(gradients.map((g) => g.shape)).toEqual(inputs.map((x) => x.shape));
  const [forward, backward] = [dot(flat(tangent), flat(cotangents)), dot(flat(gradients), flat(directions))];
  const scale = Math.hypot(...flat(tangent)) * Math.hypot(...flat(cotangents));
  expect(Math.abs(forward - backward)).toBeLessThanOrEqual(EXACT * Math.max(scale, 1));
}

describe.each(OPERATION_CASES)('$label', (testCase) => {
  const operation = OPERATIONS.find(({ name }) => name === testCase.operation);
  if (!operation) throw new Error(`no operation is called ${testCase.operation}`);
  const inputs = inputsOf(testCase, 7).map((data, i) => ops.constant(data, testCase.shapes[i] as number[]));
  const map: Map = (o, xs) => [o.apply(operation, xs, testCase.attrs)];

  if (operation.flat) {
    it('has a derivative of zero, of every order', () => {
      const { tangent } = jvp(ops, map, inputs, inputs);
      const gradient: Map = (o, xs) => vjp(o, map, xs).pullback(map(o, xs));
      expect(flat(tangent).every((d) => d === 0)).toBe(true);
      expect(flat(gradient(ops, inputs)).every((d) => d === 0)).toBe(true);
    });
    return;
  }

  it('first order: jvp and vjp agree with finite differences', () => {
    checkFirstOrder(map, inputs, 100);
  });

  it('second order: the derivatives of its vjp and of its jvp agree with finite differences', () => {
    const output = map(ops, inputs)[0] as Tensor;
    const cotangent = ops.constant(normals(values(output).length, 300), output.shape);
    // As functions of the inputs and of the cotangent or the directions, all of which may depend on parameters.
    const backward: Map = (o, [ct, ...xs]) => vjp(o, map, xs).pullback([ct as Tensor]);
    checkFirstOrder(backward, [cotangent, ...inputs], 400);
    const directions = inputs.map((x, i) => ops.constant(normals(values(x).length, 500 + i), x.shape));
    const forward: Map = (o, xs) => jvp(o, map, xs.slice(0, inputs.length), xs.slice(inputs.length)).tangent;
    checkFirstOrder(forward, [...inputs, ...directions], 600);
  });
});

it('has a case for every operation', () => {
  const covered = new Set(OPERATION_CASES.map(({ operation }) => operation));
  expect(OPERATIONS.map(({ name }) => name).filter((name) => !covered.has(name))).toEqual([]);
});
