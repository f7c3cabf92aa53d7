import type { Kernels } from '@refusion/autodiff';
import { expectShape } from '@refusion/core';
import * as tf from '@tensorflow/tfjs-core';
import type { Image } from '../images.js';
import { crossProducts, matrix } from './cross-products.js';
import type { Heap } from './heap.js';

type Inputs = readonly tf.Tensor[];

/** Products of matrices: the backend's own is fast for a batch of one only, and only untransposed. */
export function productKernels(heap: Heap) {
  return {
    matMul: ([a, b]: Inputs) => matMul(heap, a as tf.Tensor, b as tf.Tensor),
    gram: ([x, y]: Inputs) => gram(heap, x as tf.Tensor3D, y as tf.Tensor3D),
    pointwiseFilterGrad: ([x, dy]: Inputs) => pointwiseFilterGrad(heap, x as Image, dy as Image),
  } satisfies Kernels<tf.Tensor>;
}

/** Matrix by matrix. Both are copied: the left is a part of its tensor; for the right see `multiply`. */
function matMul(heap: Heap, a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  const [n, k] = a.shape.slice(-2) as [number, number];
  const m = b.shape.at(-1) as number;
  const batch = a.size / (n * k);
  const y = heap.allocate([...a.shape.slice(0, -1), m]);
  for (let i = 0; i < batch; i++) {
    tf.tidy(() => {
      const left = heap.copy<tf.Tensor2D>(a, i * n * k, [n, k]);
      const right = heap.copy<tf.Tensor2D>(b, i * k * m, [k, m]);
      const product = tf.matMul(left, right);
      heap.view(y).set(heap.view(product), i * n * m);
    });
  }
  return y;
}

function gram(heap: Heap, x: tf.Tensor3D, y: tf.Tensor3D): tf.Tensor {
  expectShape('gram', 'x', x, [null, null, null]);
  const [batch, rows, I] = x.shape;
  const J = y.shape[2];
  expectShape('gram', 'y', y, [batch, rows, null]);
  const products = Array.from({ length: batch }, (_unused, i) =>
    crossProducts(heap, matrix(x, I, i * rows), matrix(y, J, i * rows), rows, [0]),
  );
  const g = heap.allocate([batch, I, J]);
  const out = heap.view(g);
  products.forEach((product, i) => {
    out.set(product, i * I * J);
  });
  return g;
}

function pointwiseFilterGrad(heap: Heap, x: Image, dy: Image): tf.Tensor {
  const [I, O] = [x.shape[3], dy.shape[3]];
  const product = crossProducts(heap, matrix(dy, O, 0), matrix(x, I, 0), x.size / I, [0]);
  const dw = heap.allocate([O, I, 1, 1]);
  heap.view(dw).set(product);
  return dw;
}
