import { expectShape, type Tree } from '@refusion/core';
import type { Ops } from '../ops.js';
import type { Tensor } from '../tensor.js';
import { type Differentiable, vjp } from './vjp.js';

export interface ValueAndGrad<I extends Tree<Tensor>> {
  /** The function's value, a scalar. */
  readonly value: Tensor;
  /** The value's gradient, of the inputs' names and shapes. */
  readonly gradient: I;
}

/**
 * The value of a scalar function and its gradient. Call it inside `ops.scope`, which frees the tape.
 * @throws ShapeError if the function's value is not a scalar
 */
export function valueAndGrad<I extends Tree<Tensor>>(
  ops: Ops,
  fn: Differentiable<I, Tensor>,
  inputs: I,
): ValueAndGrad<I> {
  const { value, pullback } = vjp(ops, fn, inputs);
  expectShape('grad', "the function's value", value, []);
  return { value, gradient: pullback([ops.scalar(1)]) };
}

/**
 * The gradient of a scalar function. Call it inside `ops.scope`, which frees the tape.
 * @throws ShapeError if the function's value is not a scalar
 * @example
 * const g = grad(ops, (o, x) => o.sum(o.square(x)), x); // 2 x
 */
export function grad<I extends Tree<Tensor>>(ops: Ops, fn: Differentiable<I, Tensor>, inputs: I): I {
  return valueAndGrad(ops, fn, inputs).gradient;
}
