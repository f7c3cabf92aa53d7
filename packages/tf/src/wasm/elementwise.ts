import type { Kernels } from '@refusion/autodiff';
import { type Shape, sameShape } from '@refusion/core';
import * as tf from '@tensorflow/tfjs-core';
import { broadcastTo } from '../kernels/broadcast.js';
import type { Machine } from './heap.js';
import type { Address } from './simd.js';

type Inputs = readonly tf.Tensor[];

/** Elementwise kernels where TensorFlow.js's are slow, or lose NaN. */
export function elementwiseKernels(machine: Machine) {
  const { heap, simd } = machine;
  const unary =
    (fill: (x: Address, y: Address, count: number) => void) =>
    ([x]: Inputs): tf.Tensor => {
      const y = heap.allocate((x as tf.Tensor).shape);
      fill(heap.at(x as tf.Tensor), heap.at(y), y.size);
      return y;
    };
  return {
    sign: unary(simd.sign),
    gelu: unary(simd.gelu),
    geluSlope: unary(simd.geluSlope),
    maximum: ([a, b]: Inputs) => maximum(machine, a as tf.Tensor, b as tf.Tensor),
  } satisfies Kernels<tf.Tensor>;
}

function maximum({ heap, simd }: Machine, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const shape: Shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const spread = (x: tf.Tensor): tf.Tensor => (sameShape(x.shape, shape) ? x : broadcastTo(x, shape));
  const [left, right] = [spread(a), spread(b)];
  const y = heap.allocate(shape);
  simd.maximum(heap.at(left), heap.at(right), heap.at(y), y.size);
  return y;
}
