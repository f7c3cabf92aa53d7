import { grad, jvp, NONE, type Ops, reference, type Tensor, vjp } from '@refusion/autodiff';
import { RefusionError } from '@refusion/core';
import { expectClose } from '@refusion/test-utils';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { loadEngine, tensorflowOperation } from './index.js';
import { TESTED_NAMES } from './tested-engines.js';

/** x^2 y, by hand. */
const product = tensorflowOperation(
  'product',
  (x, y) => tf.mul(tf.square(x), y),
  (dy, x, y) => [tf.mul(tf.mul(dy, tf.mul(x, 2)), y), tf.mul(dy, tf.square(x))],
);
const apply = (ops: Ops, inputs: readonly Tensor[]): Tensor => ops.apply(product, inputs, NONE);
const loss = (ops: Ops, inputs: readonly Tensor[]): Tensor => ops.sum(ops.exp(apply(ops, inputs)));

const X = [0.5, -1, 2];
const Y = [1, 0.25, -0.5];

describe.each(TESTED_NAMES)('%s', (name) => {
  it('gives the value and the gradient of each input, and frees the rest', async () => {
    const { ops, read, release, tensorCount } = await loadEngine(name);
    const inputs = [ops.constant(X, [3]), ops.constant(Y, [3])];
    const before = tensorCount();
    const gradients = ops.scope(() => grad(ops, loss, inputs));
    expect(tensorCount()).toBe(before + 2);
    const value = (i: number): number => Math.exp((X[i] as number) ** 2 * (Y[i] as number));
    const [dx, dy] = await Promise.all(gradients.map(read));
    // d exp(x^2 y) = exp(x^2 y) (2 x y dx + x^2 dy)
    expectClose(
      dx as Float32Array,
      X.map((x, i) => value(i) * 2 * x * (Y[i] as number)),
      1e-6,
    );
    expectClose(
      dy as Float32Array,
      X.map((x, i) => value(i) * x * x),
      1e-6,
    );
    release([gradients, inputs]);
  });

  it('has no second derivatives and no forward mode, and says so', async () => {
    const { ops } = await loadEngine(name);
    const inputs = [ops.constant(X, [3]), ops.constant(Y, [3])];
    const twice = (): unknown =>
      grad(ops, (o, at: readonly Tensor[]) => o.sum(grad(o, loss, at)[0] as Tensor), inputs);
    expect(twice).toThrow(RefusionError);
    expect(twice).toThrow(
      'product: is written in TensorFlow.js with first derivatives in reverse mode alone',
    );
    expect(() => jvp(ops, apply, inputs, inputs)).toThrow('write it in the op set for forward mode');
  });

  it('refuses gradients that do not fit the inputs', async () => {
    const { ops } = await loadEngine(name);
    const x = ops.constant(X, [3]);
    const pull = (gradient: (dy: tf.Tensor) => tf.Tensor[]) => {
      const operation = tensorflowOperation('bad', (input) => tf.neg(input), gradient);
      return () => vjp(ops, (o, at: Tensor) => o.apply(operation, [at], NONE), x).pullback([x]);
    };
    expect(pull(() => [])).toThrow('bad: the gradient must be 1 tensors, one for each input, got 0');
    expect(pull((dy) => [tf.sum(dy)])).toThrow('bad: gradient 0 must have the shape of input 0 [3], got []');
  });
});

it('does not run on other engines, and says so', () => {
  const x = reference.ops.constant(X, [3]);
  expect(() => apply(reference.ops, [x, x])).toThrow(
    'product: is written in TensorFlow.js and runs on the engines of @refusion/tf alone',
  );
});
