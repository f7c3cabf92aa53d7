import type { Kernels, ShapeAttrs } from '@refusion/autodiff';
import * as tf from '@tensorflow/tfjs-core';
import { type Image, rowsOf } from '../images.js';
import { broadcastTo } from './broadcast.js';
import { multiply } from './products.js';

type Inputs = readonly tf.Tensor[];

/** What the WebAssembly backend's own kernels allow: it has none for the gradients of 3x3 filters. */
export const stockWasmKernels = {
  broadcastTo: ([x]: Inputs, { shape }: ShapeAttrs) => broadcastTo(x as tf.Tensor, shape),
  // See `multiply` for the copy.
  matMul: ([a, b]: Inputs) => tf.matMul(a as tf.Tensor, tf.clone(b as tf.Tensor)),
  depthwiseFilterGrad: ([x, dy]: Inputs) => {
    const C = (x as Image).shape[3];
    const taps = shiftedProducts(x as Image, dy as Image, (image, slope) =>
      multiply(tf.ones([1, slope.shape[0]]), tf.mul(image, slope)),
    );
    return tf.reshape(tf.transpose(taps, [2, 1, 0]), [C, 1, 3, 3]);
  },
  conv3x3FilterGrad: ([x, dy]: Inputs) => {
    const [I, O] = [(x as Image).shape[3], (dy as Image).shape[3]];
    const taps = shiftedProducts(x as Image, dy as Image, (image, slope) =>
      multiply(tf.transpose(slope), image),
    );
    return tf.reshape(tf.transpose(taps, [1, 2, 0]), [O, I, 3, 3]);
  },
} satisfies Kernels<tf.Tensor>;

/**
 * A product for each of the nine taps, `[9, ...]`. With a frame of zeros around both images, a tap's offset is one
 * number of rows of the pixel matrix.
 */
function shiftedProducts(
  x: Image,
  dy: Image,
  product: (x: tf.Tensor2D, dy: tf.Tensor2D) => tf.Tensor2D,
): tf.Tensor3D {
  const [image, slope, width] = [rowsOf(framed(x)), rowsOf(framed(dy)), x.shape[2] + 2];
  const rows = image.shape[0] - 2 * (width + 1);
  const inner = tf.slice(slope, [width + 1, 0], [rows, slope.shape[1]]);
  const shifts = [0, width, 2 * width].flatMap((row) => [row, row + 1, row + 2]);
  return tf.stack(
    shifts.map((shift) => tf.tidy(() => product(tf.slice(image, [shift, 0], [rows, image.shape[1]]), inner))),
  ) as tf.Tensor3D;
}

function framed(image: Image): Image {
  return tf.pad(image, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
}
