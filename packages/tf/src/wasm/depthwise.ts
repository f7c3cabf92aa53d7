import type { Kernels } from '@refusion/autodiff';
import * as tf from '@tensorflow/tfjs-core';
import type { Image } from '../images.js';
import type { Machine } from './heap.js';

type Inputs = readonly tf.Tensor[];

/** 3x3 convolutions channel by channel, filters `[C, 1, 3, 3]`. */
export function depthwiseKernels(machine: Machine) {
  return {
    depthwise: ([x, w]: Inputs) => depthwise(machine, x as Image, tapsOf(w as tf.Tensor)),
    // The adjoint's filter is turned by 180 degrees, which for nine taps in a row is the other way round.
    depthwiseInputGrad: ([dy, w]: Inputs) =>
      depthwise(machine, dy as Image, tf.reverse(tapsOf(w as tf.Tensor), 0)),
    depthwiseFilterGrad: ([x, dy]: Inputs) => filterGrad(machine, x as Image, dy as Image),
  } satisfies Kernels<tf.Tensor>;
}

/** `[C, 1, 3, 3] -> [9, C]` */
function tapsOf(filter: tf.Tensor): tf.Tensor2D {
  const C = filter.shape[0] as number;
  return tf.transpose(tf.reshape(filter, [C, 9]));
}

/** Room for three rows of an image, each between two pixels of zeros. */
function roomForRows({ heap }: Machine, { shape: [, , W, C] }: Image): number {
  return heap.at(heap.allocate([3, W + 2, C]));
}

function depthwise(machine: Machine, x: Image, taps: tf.Tensor2D): tf.Tensor {
  const { heap, simd } = machine;
  const y = heap.allocate(x.shape);
  const rows = roomForRows(machine, x);
  simd.depthwise(heap.at(x), heap.at(taps), heap.at(y), rows, ...x.shape);
  return y;
}

function filterGrad(machine: Machine, x: Image, dy: Image): tf.Tensor {
  const { heap, simd } = machine;
  const C = x.shape[3];
  const dw = heap.allocate([C, 1, 3, 3]);
  const sums = heap.sums(9 * C);
  const rows = roomForRows(machine, x);
  simd.depthwiseFilterGrad(heap.at(x), heap.at(dy), sums.at, rows, ...x.shape);
  const [from, to] = [sums.read(), heap.view(dw)];
  for (let c = 0; c < C; c++) {
    for (let tap = 0; tap < 9; tap++) to[c * 9 + tap] = from[tap * C + c] as number;
  }
  return dw;
}
