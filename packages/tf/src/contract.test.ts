import { type Engine, jvp, OPERATIONS, type Ops, reference, type Tensor, vjp } from '@refusion/autodiff';
import { expectClose, inputsOf, normals, OPERATION_CASES, type OperationCase } from '@refusion/test-utils';
import { beforeAll, describe, expect, it } from 'vitest';
import { load, TESTED, UNTESTED } from './tested-engines.js';

/**
 * Relative errors (L2) against float64 from inputs that are the same in both. A value is one rounding of 6e-8, some
 * such for sums, and 1.5e-7 absolute for the error function of the cpu backend; a derivative is a few operations, a
 * derivative of a derivative a few more, with some cancellation. A wrong rule or kernel is off by its own size.
 */
const VALUE = 5e-7;
const FIRST = 1e-6;
const SECOND = 2e-6;

type Map = (ops: Ops, inputs: readonly Tensor[]) => readonly Tensor[];

interface Numbers {
  readonly data: Float64Array;
  readonly shape: readonly number[];
}

/** Numbers that float32 holds exactly. */
function numbers(data: Float64Array, shape: readonly number[]): Numbers {
  return { data: data.map(Math.fround), shape };
}

function mapOf(testCase: OperationCase): Map {
  const operation = OPERATIONS.find(({ name }) => name === testCase.operation);
  if (!operation) throw new Error(`no operation is called ${testCase.operation}`);
  return (ops, inputs) => [ops.apply(operation, inputs, testCase.attrs)];
}

function inputNumbers(testCase: OperationCase): Numbers[] {
  return inputsOf(testCase, 7).map((data, i) => numbers(data, testCase.shapes[i] as number[]));
}

async function valuesOn(engine: Engine, map: Map, inputs: readonly Numbers[]): Promise<number[]> {
  const tensors = inputs.map(({ data, shape }) => engine.ops.constant(data, shape));
  const values = await Promise.all(map(engine.ops, tensors).map((x) => engine.read(x)));
  return values.flatMap((data) => [...data]);
}

/** A cotangent of the case's output, and a direction of each of its inputs. */
function normalNumbers(map: Map, inputs: readonly Numbers[]): { cotangent: Numbers; directions: Numbers[] } {
  const [output] = map(
    reference.ops,
    inputs.map(({ data, shape }) => reference.ops.constant(data, shape)),
  ) as [Tensor];
  const size = output.shape.reduce((product, length) => product * length, 1);
  return {
    cotangent: numbers(normals(size, 300), output.shape),
    directions: inputs.map(({ data, shape }, i) => numbers(normals(data.length, 500 + i), shape)),
  };
}

describe.each(TESTED)('$label agrees with reference', (tested) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await load(tested);
  });

  async function expectAgreement(map: Map, inputs: readonly Numbers[], tolerance: number): Promise<void> {
    expectClose(await valuesOn(engine, map, inputs), await valuesOn(reference, map, inputs), tolerance);
  }

  describe.each(OPERATION_CASES)('$label', (testCase) => {
    const map = mapOf(testCase);
    const inputs = inputNumbers(testCase);
    const { cotangent, directions } = normalNumbers(map, inputs);
    const backward: Map = (o, [ct, ...xs]) => vjp(o, map, xs).pullback([ct as Tensor]);

    it('value', () => expectAgreement(map, inputs, VALUE));

    it('vjp', () => expectAgreement(backward, [cotangent, ...inputs], FIRST));

    it('jvp', () => {
      const forward: Map = (o, xs) =>
        jvp(o, map, xs.slice(0, inputs.length), xs.slice(inputs.length)).tangent;
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
        const actual = await valuesOn(engine, map, spoiledInputs);
        const expected = await valuesOn(reference, map, spoiledInputs);
        // Frames of zeros times NaN may give more of it.
        expect(expected.every((value, j) => !Number.isNaN(value) || Number.isNaN(actual[j]))).toBe(true);
      }
    });
  });
});

for (const { label, reason } of UNTESTED) {
  it.runIf(false)(`${label} (skipped: ${reason})`, () => {});
}
