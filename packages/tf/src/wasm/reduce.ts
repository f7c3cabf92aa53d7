import type { AxesAttrs, Kernels } from '@refusion/autodiff';
import { expectShape, sizeOf } from '@refusion/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Heap } from './heap.js';

type Inputs = readonly tf.Tensor[];

/** Sums in float64; TensorFlow.js's run from first to last in float32 and lose two digits on an image batch. */
export function reduceKernels(heap: Heap) {
  return {
    sum: ([x]: Inputs, { axes }: AxesAttrs) => sum(heap, x as tf.Tensor, axes),
    squaredNorms: ([x]: Inputs) => squaredNorms(heap, x as tf.Tensor3D),
  } satisfies Kernels<tf.Tensor>;
}

/** Sums groups of neighbouring axes, the last group first. */
function sum(heap: Heap, x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  const last = axes.length - 1;
  let first = last;
  while (first > 0 && axes[first - 1] === (axes[first] as number) - 1) first--;
  const [begin, end] = [axes[first] as number, (axes[last] as number) + 1];
  const y = sumBetween(heap, x, begin, end);
  return first === 0 ? y : sum(heap, y, axes.slice(0, first));
}

function sumBetween(heap: Heap, x: tf.Tensor, begin: number, end: number): tf.Tensor {
  const [before, reduced, after] = [
    sizeOf(x.shape.slice(0, begin)),
    sizeOf(x.shape.slice(begin, end)),
    sizeOf(x.shape.slice(end)),
  ];
  const y = heap.allocate(x.shape.map((length, axis) => (axis >= begin && axis < end ? 1 : length)));
  const [from, to] = [heap.view(x), heap.view(y)];
  for (let i = 0; i < before; i++) {
    const part = from.subarray(i * reduced * after, (i + 1) * reduced * after);
    if (after === 1) to[i] = total(part);
    else to.set(columnSums(part, after), i * after);
  }
  return y;
}

function total(terms: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < terms.length; i++) sum += terms[i] as number;
  return sum;
}

function columnSums(rows: Float32Array, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  for (let row = 0; row < rows.length; row += columns) {
    for (let column = 0; column < columns; column++) {
      sums[column] = (sums[column] as number) + (rows[row + column] as number);
    }
  }
  return sums;
}

function squaredNorms(heap: Heap, x: tf.Tensor3D): tf.Tensor {
  expectShape('squaredNorms', 'x', x, [null, null, null]);
  const [batch, rows, columns] = x.shape;
  const y = heap.allocate([batch, 1, columns]);
  const [from, to] = [heap.view(x), heap.view(y)];
  for (let i = 0; i < batch; i++) {
    const part = from.subarray(i * rows * columns, (i + 1) * rows * columns);
    to.set(columnSquares(part, columns), i * columns);
  }
  return y;
}

function columnSquares(rows: Float32Array, columns: number): Float64Array {
  const sums = new Float64Array(columns);
  for (let row = 0; row < rows.length; row += columns) {
    for (let column = 0; column < columns; column++) {
      sums[column] = (sums[column] as number) + (rows[row + column] as number) ** 2;
    }
  }
  return sums;
}
