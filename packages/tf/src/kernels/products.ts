import * as tf from '@tensorflow/tfjs-core';

/**
 * The product of two matrices. The WebAssembly backend keeps a packed copy of the right operand by its memory,
 * whatever shape it had then: multiplied again in another shape, it gives wrong numbers. So the right operand is
 * always memory of its own, freed with its packed copy after the call.
 */
export function multiply(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  return tf.matMul(a, tf.clone(b));
}
