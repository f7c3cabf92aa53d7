import { jvp, OPERATIONS, type Ops, reference, type Tensor, vjp } from '@refusion/autodiff';
import { expectClose, inputsOf, normals, OPERATION_CASES, type OperationCase } from '@refusion/test-utils';
import { describe, expect, it } from 'vitest';
import { compile, type Layout } from './index.js';
import { openSession } from './node.js';

/**
 * Relative errors (L2) against float64 from inputs that are the same in both: as for the engines of `@refusion/tf`, a
 * value is one rounding of 6e-8, some such for sums; a derivative is a few operations, a derivative of a derivative a
 * few more, with some cancellation. A wrong rule or operator is off by its own size.
 */
const VALUE = 5e-7;
const FIRST = 1e-6;
const SECOND = 2e-6;

type Map = (ops: Ops, inputs: readonly Tensor[]) => readonly Tensor[];

interface Numbers {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

function mapOf(testCase: OperationCase): Map {
  const operation = OPERATIONS.find(({ name }) => name === testCase.operation);
  if (!operation) throw new Error(`no operation is called ${testCase.operation}`);
  return (ops, inputs) => [ops.apply(operation, inputs, testCase.attrs)];
}

/** Everything as the op set has it, so that numbers compare in their order. */
const layout: Layout = 'row-major';
const named = <T>(prefix: string, values: readonly T[]): Record<string, T> =>
  Object.fromEntries(values.map((value, i) => [`${prefix}${i}`, value]));

/** The values of a function computed by a compiled model. */
async function valuesOnModel(map: Map, inputs: readonly Numbers[]): Promise<number[]> {
  const order = inputs.map((_input, i) => `x${i}`);
  const run = (ops: Ops, nodes: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
    named(
      'y',
      map(
        ops,
        order.map((name) => nodes[name] as Tensor),
      ),
    );
  const model = compile(run, {
    inputs: named(
      'x',
      inputs.map(({ shape }) => ({ shape, layout })),
    ),
    outputLayouts: Object.fromEntries(Array.from({ length: 9 }, (_unused, i) => [`y${i}`, layout])),
  });
  const session = await openSession(model, { threads: 1 });
  const outputs = await session.run(named('x', inputs));
  await session.close();
  const count = session.description.outputs.length;
  return Array.from({ length: count }, (_unused, i) => [...(outputs[`y${i}`]?.data ?? [])]).flat();
}

async function valuesOnReference(map: Map, inputs: readonly Numbers[]): Promise<number[]> {
  const tensors = inputs.map(({ data, shape }) => reference.ops.constant(data, shape));
  const values = await Promise.all(map(reference.ops, tensors).map((x) => reference.read(x)));
  return values.flatMap((data) => [...data]);
}

async function expectAgreement(map: Map, inputs: readonly Numbers[], tolerance: number): Promise<void> {
  expectClose(await valuesOnModel(map, inputs), await valuesOnReference(map, inputs), tolerance);
}

const numbers = (data: Float64Array, shape: readonly number[]): Numbers => ({
  data: Float32Array.from(data),
  shape,
});

describe.each(OPERATION_CASES)('a model of $label agrees with reference', (testCase) => {
  const map = mapOf(testCase);
  const inputs = inputsOf(testCase, 7).map((data, i) => numbers(data, testCase.shapes[i] as number[]));
  const [output] = map(
    reference.ops,
    inputs.map(({ data, shape }) => reference.ops.constant(data, shape)),
  ) as [Tensor];
  const size = output.shape.reduce((product, length) => product * length, 1);
  const cotangent = numbers(normals(size, 300), output.shape);
  const directions = inputs.map(({ data, shape }, i) => numbers(normals(data.length, 500 + i), shape));
  const backward: Map = (o, [ct, ...xs]) => vjp(o, map, xs).pullback([ct as Tensor]);

  it('value', () => expectAgreement(map, inputs, VALUE));

  it('vjp', () => expectAgreement(backward, [cotangent, ...inputs], FIRST));

  it('jvp', () => {
    const forward: Map = (o, xs) => jvp(o, map, xs.slice(0, inputs.length), xs.slice(inputs.length)).tangent;
    return expectAgreement(forward, [...inputs, ...directions], FIRST);
  });

  it('vjp of vjp', () => {
    const second: Map = (o, xs) => {
      const { value, pullback } = vjp(o, backward, xs);
      return pullback(value);
    };
    return expectAgreement(second, [cotangent, ...inputs], SECOND);
  });

  it('keeps NaN', async () => {
    for (const [i, spoiled] of inputs.entries()) {
      const data = spoiled.data.slice();
      data[0] = Number.NaN;
      const spoiledInputs = inputs.map((input, j) => (j === i ? { data, shape: input.shape } : input));
      const actual = await valuesOnModel(map, spoiledInputs);
      const expected = await valuesOnReference(map, spoiledInputs);
      // Frames of zeros times NaN may give more of it.
      expect(expected.every((value, j) => !Number.isNaN(value) || Number.isNaN(actual[j]))).toBe(true);
    }
  });
});
