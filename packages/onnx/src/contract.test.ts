import { jvp, OPERATIONS, type Ops, reference, type Tensor, vjp } from '@refusion/autodiff';
import { expectClose, inputsOf, normals, OPERATION_CASES, type OperationCase } from '@refusion/test-utils';
import { describe, expect, it } from 'vitest';
import { type Block, compile, type Layout } from './index.js';
import { chooseBlock, openSession } from './node.js';

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

/** The block of this machine's processor; public operators alone are tested where the runtime has none that works. */
const { block } = await chooseBlock();

/** The values of a function computed by a compiled model. */
async function valuesOnModel(
  map: Map,
  inputs: readonly Numbers[],
  inBlocks: Block | null,
): Promise<number[]> {
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
    ...(inBlocks && { block: inBlocks }),
  });
  const session = await openSession(model, { threads: 1, optimise: !inBlocks, blocked: Boolean(inBlocks) });
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

const numbers = (data: Float64Array, shape: readonly number[]): Numbers => ({
  data: Float32Array.from(data),
  shape,
});

/** Channels that fill blocks, and some that do not, with one image and two; shapes as of `OPERATION_CASES`. */
function casesInBlocks(one: number): OperationCase[] {
  const two = 2 * one;
  const of = (operation: string, shapes: number[][], attrs: unknown = {}): OperationCase => ({
    operation,
    label: `${operation} ${shapes.map((shape) => `[${shape}]`).join(' ')}`,
    shapes,
    attrs,
    domain: ['sqrt', 'log', 'div'].includes(operation) ? 'positive' : 'any',
  });
  const convolutions = (b: number, h: number, w: number): OperationCase[] =>
    [
      ...[
        [one, two],
        [two, one],
        [1, one],
        [3, two],
        [one, 1],
        [two, 3],
        [one, 5],
      ].flatMap(([i, o]) =>
        ['pointwise', 'conv3x3'].map((name) => [name, i, o, i] as [string, number, number, number]),
      ),
      ...[one, two].map((c) => ['depthwise', c, c, 1] as [string, number, number, number]),
    ].flatMap(([name, i, o, perFilter]) => {
      const side = name === 'pointwise' ? 1 : 3;
      const [x, y, filter] = [
        [b, h, w, i],
        [b, h, w, o],
        [o, perFilter, side, side],
      ];
      return [of(name, [x, filter]), of(`${name}InputGrad`, [y, filter]), of(`${name}FilterGrad`, [x, y])];
    });
  const image = [2, 3, 5, two];
  return [
    // 16 pixels, which fill blocks too, and 15, which do not.
    ...convolutions(1, 2, 8),
    ...convolutions(2, 3, 5),
    of('layerNorm', [image, [two], [two]], { epsilon: 1e-5 }),
    of('layerNormInputGrad', [image, image], { epsilon: 1e-5 }),
  ];
}

const VARIANTS = [
  ...OPERATION_CASES.map((testCase) => ({
    ...testCase,
    inBlocks: null as Block | null,
    how: 'public operators',
  })),
  ...(block === null
    ? []
    : [...OPERATION_CASES, ...casesInBlocks(block)].map((testCase) => ({
        ...testCase,
        inBlocks: block as Block | null,
        how: `blocks of ${block}`,
      }))),
];

describe.each(VARIANTS)('a model of $label in $how agrees with reference', (testCase) => {
  const { inBlocks } = testCase;
  const expectAgreement = async (fn: Map, xs: readonly Numbers[], tolerance: number): Promise<void> => {
    expectClose(await valuesOnModel(fn, xs, inBlocks), await valuesOnReference(fn, xs), tolerance);
  };
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
      const actual = await valuesOnModel(map, spoiledInputs, inBlocks);
      const expected = await valuesOnReference(map, spoiledInputs);
      // Frames of zeros times NaN may give more of it.
      expect(expected.every((value, j) => !Number.isNaN(value) || Number.isNaN(actual[j]))).toBe(true);
    }
  });
});
