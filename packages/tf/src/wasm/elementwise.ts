import type { Kernels, ShapeAttrs } from '@refusion/autodiff';
import { type Shape, sameShape } from '@refusion/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Heap } from './heap.js';
import { gelu, geluSlope } from './normal.js';

type Inputs = readonly tf.Tensor[];

/** Elementwise kernels where TensorFlow.js's are slow, or lose NaN. */
export function elementwiseKernels(heap: Heap) {
  const unary =
    (fill: (from: Float32Array, to: Float32Array) => void) =>
    ([x]: Inputs): tf.Tensor => {
      const y = heap.allocate((x as tf.Tensor).shape);
      fill(heap.view(x as tf.Tensor), heap.view(y));
      return y;
    };
  return {
    sign: unary((from, to) => {
      for (let i = 0; i < to.length; i++) to[i] = Math.sign(from[i] as number);
    }),
    gelu: unary(gelu),
    geluSlope: unary(geluSlope),
    maximum: ([a, b]: Inputs) => maximum(heap, a as tf.Tensor, b as tf.Tensor),
    broadcastTo: ([x]: Inputs, { shape }: ShapeAttrs) => broadcastTo(x as tf.Tensor, shape),
  } satisfies Kernels<tf.Tensor>;
}

/** Repeats axes by adding zeros: the backend's additions do it a hundred times faster than its tile kernel. */
function broadcastTo(x: tf.Tensor, shape: Shape): tf.Tensor {
  return tf.add(tf.fill([...shape], 0), x);
}

function maximum(heap: Heap, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const shape = tf.broadcast_util.assertAndGetBroadcastShape(a.shape, b.shape);
  const spread = (x: tf.Tensor): tf.Tensor => (sameShape(x.shape, shape) ? x : broadcastTo(x, shape));
  const [left, right] = [spread(a), spread(b)];
  const y = heap.allocate(shape);
  const [as, bs, to] = [heap.view(left), heap.view(right), heap.view(y)];
  for (let i = 0; i < to.length; i++) to[i] = Math.max(as[i] as number, bs[i] as number);
  return y;
}
