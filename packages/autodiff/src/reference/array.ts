import { type NdArray, type Shape, ShapeError, sizeOf, stridesOf, toFloat64 } from '@refusion/core';
import type { Tensor } from '../tensor.js';

/** A tensor of the reference interpreter: float64, row-major, without gaps. Its values are never written again. */
export interface Float64Tensor extends Tensor {
  readonly data: Float64Array;
}

/** @throws ShapeError if the tensor belongs to another engine. */
export function asFloat64Tensor(x: Tensor): Float64Tensor {
  if ('data' in x && x.data instanceof Float64Array) return x as Float64Tensor;
  throw new ShapeError(
    `reference: the tensor [${x.shape}] belongs to another engine or is still being traced`,
  );
}

/** An array as a tensor of the reference interpreter. */
export function referenceTensor(x: NdArray): Float64Tensor {
  return { data: toFloat64(x), shape: x.shape };
}

/** The steps with which a tensor is read when it is broadcast to a shape: 0 along repeated axes. */
export function broadcastStrides(from: Shape, to: Shape): number[] {
  const strides = stridesOf(from);
  return to.map((_length, axis) => {
    const own = axis - to.length + from.length;
    return own < 0 || from[own] === 1 ? 0 : (strides[own] as number);
  });
}

/** Calls `visit` with each output position and where to read, in row-major order of `shape`. */
export function walk(
  shape: Shape,
  strides: readonly number[],
  start: number,
  visit: (to: number, from: number) => void,
): void {
  const size = sizeOf(shape);
  const index = new Int32Array(shape.length);
  let from = start;
  for (let to = 0; to < size; to++) {
    visit(to, from);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis] as number;
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      from -= (index[axis] as number) * (strides[axis] as number);
      index[axis] = 0;
    }
  }
}

/** Reads a tensor along given steps into a new one. */
export function gather(
  x: Float64Tensor,
  shape: Shape,
  strides: readonly number[],
  start: number,
): Float64Tensor {
  const data = new Float64Array(sizeOf(shape));
  walk(shape, strides, start, (to, from) => {
    data[to] = x.data[from] as number;
  });
  return { data, shape };
}
