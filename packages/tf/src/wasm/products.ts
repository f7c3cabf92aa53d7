import type { Kernels } from '@refusion/autodiff';
import { expectShape } from '@refusion/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Image } from '../images.js';
import { pointwiseMatrix } from '../kernels/convolution.js';
import type { Machine } from './heap.js';
import type { Address } from './simd.js';

type Inputs = readonly tf.Tensor[];

/** Products of matrices: the backend's own copies its operands, and sums over pixels in float32. */
export function productKernels(machine: Machine) {
  return {
    matMul: ([a, b]: Inputs) => matMul(machine, a as tf.Tensor, b as tf.Tensor),
    gram: ([x, y]: Inputs) => gram(machine, x as tf.Tensor3D, y as tf.Tensor3D),
    pointwise: ([x, w]: Inputs) => pointwise(machine, x as Image, pointwiseMatrix(w as tf.Tensor)),
    pointwiseInputGrad: ([dy, w]: Inputs) => pointwise(machine, dy as Image, w as tf.Tensor),
    pointwiseFilterGrad: ([x, dy]: Inputs) => pointwiseFilterGrad(machine, x as Image, dy as Image),
  } satisfies Kernels<tf.Tensor>;
}

const FLOAT = Float32Array.BYTES_PER_ELEMENT;

function matMul({ heap, simd }: Machine, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const [n, k] = a.shape.slice(-2) as [number, number];
  const m = b.shape.at(-1) as number;
  const y = heap.allocate([...a.shape.slice(0, -1), m]);
  const batch = a.size / (n * k);
  const part = (x: tf.Tensor, i: number, size: number): Address => heap.at(x) + i * size * FLOAT;
  for (let i = 0; i < batch; i++) {
    simd.product(part(a, i, n * k), part(b, i, k * m), part(y, i, n * m), n, k, m);
  }
  return y;
}

function gram({ heap, simd }: Machine, x: tf.Tensor3D, y: tf.Tensor3D): tf.Tensor {
  expectShape('gram', 'x', x, [null, null, null]);
  const [batch, rows, I] = x.shape;
  const J = y.shape[2];
  expectShape('gram', 'y', y, [batch, rows, null]);
  const g = heap.allocate([batch, I, J]);
  const sums = heap.sums(batch * I * J);
  for (let i = 0; i < batch; i++) {
    const [left, right] = [heap.at(x) + i * rows * I * FLOAT, heap.at(y) + i * rows * J * FLOAT];
    simd.crossProducts(left, right, sums.at + i * I * J * 2 * FLOAT, rows, I, J);
  }
  heap.view(g).set(sums.read());
  return g;
}

/** Each pixel of an image `[B, H, W, I]` times a matrix `[I, O]`. */
function pointwise({ heap, simd }: Machine, x: Image, matrix: tf.Tensor): tf.Tensor {
  const [B, H, W, I] = x.shape;
  const O = matrix.size / I;
  const y = heap.allocate([B, H, W, O]);
  simd.product(heap.at(x), heap.at(matrix), heap.at(y), B * H * W, I, O);
  return y;
}

function pointwiseFilterGrad({ heap, simd }: Machine, x: Image, dy: Image): tf.Tensor {
  const [I, O] = [x.shape[3], dy.shape[3]];
  const dw = heap.allocate([O, I, 1, 1]);
  const sums = heap.sums(O * I);
  simd.crossProducts(heap.at(dy), heap.at(x), sums.at, x.size / I, O, I);
  heap.view(dw).set(sums.read());
  return dw;
}
