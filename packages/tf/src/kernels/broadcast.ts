import type { Shape } from '@refusion/core';
import * as tf from '@tensorflow/tfjs-core';

/** Repeats axes by adding zeros: WebAssembly's additions do it a hundred times faster than its tile kernel. */
export function broadcastTo(x: tf.Tensor, shape: Shape): tf.Tensor {
  return tf.add(tf.fill([...shape], 0), x);
}
