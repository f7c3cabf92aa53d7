import type { Shape } from '@refusion/core';
import type { Operation } from '../operation.js';
import type { Ops } from '../ops.js';
import type { Tensor } from '../tensor.js';

export interface AxesAttrs {
  /** The axes to reduce, ascending; they stay, with length 1. */
  readonly axes: readonly number[];
}

export const sum: Operation<readonly [Tensor], AxesAttrs> = {
  name: 'sum',
  vjp: (ops, { inputs: [x] }, ct) => [() => ops.broadcastTo(ct, x.shape)],
  jvp: (ops, { attrs }, [dx]) => ops.apply(sum, [dx as Tensor], attrs),
};

/** 1/n at each of the n elements that reach the largest value, 0 elsewhere. */
function shareOfLargest(ops: Ops, x: Tensor, largest: Tensor, attrs: AxesAttrs): Tensor {
  const isLargest = ops.sub(1, ops.sign(ops.sub(largest, x)));
  return ops.div(isLargest, ops.apply(sum, [isLargest], attrs));
}

/** The largest value; elements that tie share the derivative evenly. */
export const max: Operation<readonly [Tensor], AxesAttrs> = {
  name: 'max',
  vjp: (ops, { inputs: [x], output, attrs }, ct) => [
    () => ops.mul(ct, shareOfLargest(ops, x, output, attrs)),
  ],
  jvp: (ops, { inputs: [x], output, attrs }, [dx]) =>
    ops.apply(sum, [ops.mul(dx as Tensor, shareOfLargest(ops, x, output, attrs))], attrs),
};

export interface ShapeAttrs {
  readonly shape: Shape;
}

/** Repeats axes of length 1, and new leading axes, to a shape. */
export const broadcastTo: Operation<readonly [Tensor], ShapeAttrs> = {
  name: 'broadcastTo',
  vjp: (ops, { inputs: [x] }, ct) => [() => ops.unbroadcast(ct, x.shape)],
  jvp: (ops, { attrs }, [dx]) => ops.broadcastTo(dx as Tensor, attrs.shape),
};
