import { type Engine, OPERATIONS, type Ops, type Tensor, vjp } from '@refusion/autodiff';
import { inputsOf, OPERATION_CASES } from '@refusion/test-utils';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadEngine } from './index.js';
import { load, TESTED } from './tested-engines.js';

/** A small network with every kind of operation that images go through. */
function network(ops: Ops, { x, wide, deep, full }: Record<string, Tensor>): Tensor {
  const y = ops.gelu(ops.depthwise(ops.pointwise(x as Tensor, wide as Tensor), deep as Tensor));
  return ops.mean(ops.abs(ops.conv3x3(y, full as Tensor)));
}

function inputs(ops: Ops, size: number): Record<string, Tensor> {
  const tensor = (shape: number[]): Tensor =>
    ops.constant(
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_unused, i) => Math.sin(i)),
      shape,
    );
  return {
    x: tensor([2, size, size, 3]),
    wide: tensor([8, 3, 1, 1]),
    deep: tensor([8, 1, 3, 3]),
    full: tensor([4, 8, 3, 3]),
  };
}

describe.each(TESTED)('$label', (tested) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await load(tested);
  });

  it.each(OPERATION_CASES)('$label makes one tensor', (testCase) => {
    const { ops } = engine;
    const operation = OPERATIONS.find((candidate) => candidate.name === testCase.operation);
    if (!operation) throw new Error(`no operation is called ${testCase.operation}`);
    const tensors = inputsOf(testCase, 7).map((data, i) =>
      ops.constant(data, testCase.shapes[i] as number[]),
    );
    const before = engine.tensorCount();
    const y = ops.apply(operation, tensors, testCase.attrs);
    expect(engine.tensorCount()).toBe(before + 1);
    engine.release([y, ...tensors]);
    expect(engine.tensorCount()).toBe(before - tensors.length);
  });

  it('leaves what a scope returns, in lists and records', async () => {
    const { ops, read } = engine;
    const before = engine.tensorCount();
    const { list, one } = ops.scope(() => {
      const x = ops.constant([1, 2], [2]);
      ops.exp(x);
      return { list: [ops.neg(x), x], one: ops.scope(() => ops.mul(ops.add(x, 1), 2)) };
    });
    expect(engine.tensorCount()).toBe(before + 3);
    expect([...(await read(one))]).toEqual([4, 6]);
    engine.release({ list, one });
    expect(engine.tensorCount()).toBe(before);
  });

  it('frees the tensors of a scope that throws', () => {
    const { ops } = engine;
    const before = engine.tensorCount();
    expect(() =>
      ops.scope(() => {
        ops.reshape(ops.zeros([4]), [3]);
      }),
    ).toThrow('reshape');
    expect(engine.tensorCount()).toBe(before);
  });

  it('leaves the gradients of a derivative in a scope, and nothing else', () => {
    const { ops } = engine;
    const at = inputs(ops, 5);
    const before = engine.tensorCount();
    const gradients = ops.scope(() => vjp(ops, network, at).pullback([ops.scalar(1)]));
    expect(Object.keys(gradients)).toEqual(Object.keys(at));
    expect(engine.tensorCount()).toBe(before + 4);
    engine.release(gradients);
    expect(engine.tensorCount()).toBe(before);
  });
});

it.each(TESTED)('$label: two runs give the same bits', async (tested) => {
  const { ops, read, release } = await load(tested);
  const at = inputs(ops, 9);
  const gradients = async (): Promise<Float32Array[]> => {
    const made = ops.scope(() => vjp(ops, network, at).pullback([ops.scalar(1)]));
    const values = await Promise.all(Object.values(made).map((x) => read(x) as Promise<Float32Array>));
    release(made);
    return values;
  };
  const first = await gradients();
  release(ops.fill([33, 77], Number.NaN)); // memory that is used again must not show
  expect(await gradients()).toEqual(first);
});

it('wasm: 200 steps take no more memory than 20', async () => {
  const { ops } = await loadEngine('wasm');
  const { wasm } = tf.findBackend('wasm') as unknown as { wasm: { HEAPU8: Uint8Array } };
  const at = inputs(ops, 32);
  const step = (): void => {
    // New filters every step, as in training: packed copies of the old ones must go.
    ops.scope(() => {
      const moved = {
        ...at,
        full: ops.mul(at['full'] as Tensor, 0.99),
        wide: ops.mul(at['wide'] as Tensor, 0.99),
      };
      vjp(ops, network, moved).pullback([ops.scalar(1)]);
    });
  };
  for (let i = 0; i < 20; i++) step();
  const size = wasm.HEAPU8.length;
  for (let i = 0; i < 180; i++) step();
  expect(wasm.HEAPU8.length).toBe(size);
});
