import type { Kernels } from '@refusion/autodiff';
import * as tf from '@tensorflow/tfjs-core';
import type { Image } from '../images.js';
import { crossProducts, matrix } from './cross-products.js';
import type { Heap } from './heap.js';

type Inputs = readonly tf.Tensor[];

export function conv3x3Kernels(heap: Heap) {
  return {
    conv3x3FilterGrad: ([x, dy]: Inputs) => conv3x3FilterGrad(heap, x as Image, dy as Image),
  } satisfies Kernels<tf.Tensor>;
}

/**
 * dw[o,i,t] = sum over pixels p of dy[p,o] x[p + offset of tap t, i]. With a frame of zeros around both images, a
 * tap's offset is one number of rows of the pixel matrix, and each tap a product of shifted matrices.
 */
function conv3x3FilterGrad(heap: Heap, x: Image, dy: Image): tf.Tensor {
  const [I, O, width] = [x.shape[3], dy.shape[3], x.shape[2] + 2];
  const reach = width + 1;
  const [image, slope] = [matrix(framed(x), I, reach), matrix(framed(dy), O, reach)];
  const rows = image.tensor.size / I - 2 * reach;
  const taps = [-width, 0, width].flatMap((row) => [row - 1, row, row + 1]);
  // The narrower of the two is transposed and shifted, once a tap.
  if (I < O) return filterOf(heap, crossProducts(heap, image, slope, rows, taps), O, I, 1, O);
  const opposite = taps.map((shift) => -shift);
  return filterOf(heap, crossProducts(heap, slope, image, rows, opposite), O, I, I, 1);
}

function framed(image: Image): Image {
  return tf.pad(image, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
}

/** Products by tap, with steps from output to output and from input to input, as a filter `[O, I, 3, 3]`. */
function filterOf(
  heap: Heap,
  products: Float64Array,
  O: number,
  I: number,
  stepO: number,
  stepI: number,
): tf.Tensor {
  const dw = heap.allocate([O, I, 3, 3]);
  const out = heap.view(dw);
  for (let o = 0; o < O; o++) {
    for (let i = 0; i < I; i++) {
      for (let tap = 0; tap < 9; tap++) {
        out[(o * I + i) * 9 + tap] = products[tap * O * I + o * stepO + i * stepI] as number;
      }
    }
  }
  return dw;
}
