import type { AxesAttrs, Kernels } from '@refusion/autodiff';
import { expectShape, sizeOf } from '@refusion/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Machine } from './heap.js';

type Inputs = readonly tf.Tensor[];

/** Sums in float64; TensorFlow.js's run from first to last in float32 and lose two digits on an image batch. */
export function sumKernels(machine: Machine) {
  return {
    sum: ([x]: Inputs, { axes }: AxesAttrs) => sum(machine, x as tf.Tensor, axes),
    squaredNorms: ([x]: Inputs) => squaredNorms(machine, x as tf.Tensor3D),
  } satisfies Kernels<tf.Tensor>;
}

/** Sums groups of neighbouring axes, the last group first. */
function sum(machine: Machine, x: tf.Tensor, axes: readonly number[]): tf.Tensor {
  const last = axes.length - 1;
  let first = last;
  while (first > 0 && axes[first - 1] === (axes[first] as number) - 1) first--;
  const [begin, end] = [axes[first] as number, (axes[last] as number) + 1];
  const y = sumBetween(machine, x, begin, end);
  return first === 0 ? y : sum(machine, y, axes.slice(0, first));
}

function sumBetween({ heap, simd }: Machine, x: tf.Tensor, begin: number, end: number): tf.Tensor {
  const [before, reduced, after] = [
    sizeOf(x.shape.slice(0, begin)),
    sizeOf(x.shape.slice(begin, end)),
    sizeOf(x.shape.slice(end)),
  ];
  const y = heap.allocate(x.shape.map((length, axis) => (axis >= begin && axis < end ? 1 : length)));
  simd.sum(heap.at(x), heap.at(y), heap.sums(after).at, before, reduced, after);
  return y;
}

function squaredNorms({ heap, simd }: Machine, x: tf.Tensor3D): tf.Tensor {
  expectShape('squaredNorms', 'x', x, [null, null, null]);
  const [batch, rows, columns] = x.shape;
  const y = heap.allocate([batch, 1, columns]);
  simd.squaredNorms(heap.at(x), heap.at(y), heap.sums(columns).at, batch, rows, columns);
  return y;
}
