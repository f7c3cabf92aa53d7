import type {
  AxesAttrs,
  AxisAttrs,
  ConcatAttrs,
  Kernels,
  PadAttrs,
  ShapeAttrs,
  SliceAttrs,
  TransposeAttrs,
} from '@refusion/autodiff';
import * as tf from '@tensorflow/tfjs-core';

type Inputs = readonly tf.Tensor[];

export const structureKernels = {
  sum: ([x]: Inputs, { axes }: AxesAttrs) => tf.sum(x as tf.Tensor, [...axes], true),
  max: ([x]: Inputs, { axes }: AxesAttrs) => tf.max(x as tf.Tensor, [...axes], true),
  softmax: ([x]: Inputs, { axis }: AxisAttrs) => softmax(x as tf.Tensor, axis),
  broadcastTo: ([x]: Inputs, { shape }: ShapeAttrs) => tf.broadcastTo(x as tf.Tensor, [...shape]),
  reshape: ([x]: Inputs, { shape }: ShapeAttrs) => tf.reshape(x as tf.Tensor, [...shape]),
  transpose: ([x]: Inputs, { permutation }: TransposeAttrs) => tf.transpose(x as tf.Tensor, [...permutation]),
  slice: ([x]: Inputs, { begin, size }: SliceAttrs) => tf.slice(x as tf.Tensor, [...begin], [...size]),
  pad: ([x]: Inputs, { before, after }: PadAttrs) =>
    tf.pad(
      x as tf.Tensor,
      before.map((width, axis) => [width, after[axis] as number]),
    ),
  concat: (parts: Inputs, { axis }: ConcatAttrs) => tf.concat([...parts], axis),
  matMul: ([a, b]: Inputs) => tf.matMul(a as tf.Tensor, b as tf.Tensor),
} satisfies Kernels<tf.Tensor>;

/** TensorFlow.js has softmax over the last axis alone. */
function softmax(x: tf.Tensor, axis: number): tf.Tensor {
  const last = x.rank - 1;
  if (axis === last) return tf.softmax(x);
  const order = x.shape.map((_length, i) => (i === axis ? last : i === last ? axis : i));
  return tf.transpose(tf.softmax(tf.transpose(x, order)), order);
}
