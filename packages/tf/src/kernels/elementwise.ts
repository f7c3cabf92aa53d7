import type { Kernels } from '@refusion/autodiff';
import * as tf from '@tensorflow/tfjs-core';

type Inputs = readonly tf.Tensor[];

function unary(fn: (x: tf.Tensor) => tf.Tensor) {
  return ([x]: Inputs): tf.Tensor => fn(x as tf.Tensor);
}

function binary(fn: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor) {
  return ([a, b]: Inputs): tf.Tensor => fn(a as tf.Tensor, b as tf.Tensor);
}

/** A value where x is a number, and x's NaN where it is not: TensorFlow.js loses NaN in some kernels. */
function keepNaN(x: tf.Tensor, value: tf.Tensor): tf.Tensor {
  return tf.where(tf.isNaN(x), x, value);
}

export const elementwiseKernels = {
  add: binary(tf.add),
  sub: binary(tf.sub),
  mul: binary(tf.mul),
  div: binary(tf.div),
  // Of two operands, some backends propagate the NaN of the first alone.
  maximum: binary((a, b) => keepNaN(b, tf.maximum(a, b))),
  neg: unary(tf.neg),
  abs: unary(tf.abs),
  sign: unary((x) => keepNaN(x, tf.sign(x))),
  sqrt: unary(tf.sqrt),
  exp: unary(tf.exp),
  log: unary(tf.log),
  erf: unary(tf.erf),
  sigmoid: unary(tf.sigmoid),
  // A tensor of its own on the same memory, so that releasing one leaves the other.
  detach: unary((x) => tf.reshape(x, x.shape)),
} satisfies Kernels<tf.Tensor>;
