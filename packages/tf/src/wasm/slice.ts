import type { Kernels, SliceAttrs } from '@refusion/autodiff';
import { stridesOf } from '@refusion/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Heap } from './heap.js';

/** Slices without the copy of the whole input that TensorFlow.js makes first. */
export function sliceKernels(heap: Heap) {
  return {
    slice: ([x]: readonly tf.Tensor[], { begin, size }: SliceAttrs) => {
      const y = heap.allocate(size);
      const strides = stridesOf((x as tf.Tensor).shape);
      const start = begin.reduce((at, index, axis) => at + index * (strides[axis] as number), 0);
      gather(heap.view(x as tf.Tensor), start, strides, heap.view(y), 0, stridesOf(size), size, 0);
      return y;
    },
  } satisfies Kernels<tf.Tensor>;
}

/** Copies from one axis on; the values of the last axis lie together. */
function gather(
  from: Float32Array,
  source: number,
  fromStrides: readonly number[],
  to: Float32Array,
  target: number,
  toStrides: readonly number[],
  size: readonly number[],
  axis: number,
): void {
  const length = size[axis] ?? 1;
  if (axis >= size.length - 1) {
    for (let i = 0; i < length; i++) to[target + i] = from[source + i] as number;
    return;
  }
  const stepFrom = fromStrides[axis] as number;
  const stepTo = toStrides[axis] as number;
  for (let i = 0; i < length; i++) {
    gather(from, source + i * stepFrom, fromStrides, to, target + i * stepTo, toStrides, size, axis + 1);
  }
}
