import type { Kernels } from '@refusion/autodiff';
import type * as tf from '@tensorflow/tfjs-core';
import type { Image } from '../images.js';
import type { Heap } from './heap.js';

type Inputs = readonly tf.Tensor[];

export function depthwiseKernels(heap: Heap) {
  return {
    depthwiseFilterGrad: ([x, dy]: Inputs) => depthwiseFilterGrad(heap, x as Image, dy as Image),
  } satisfies Kernels<tf.Tensor>;
}

/** dw[c,t] = sum over pixels p of dy[p,c] x[p + offset of tap t, c], in float64. */
function depthwiseFilterGrad(heap: Heap, x: Image, dy: Image): tf.Tensor {
  const [B, H, W, C] = x.shape;
  const dw = heap.allocate([C, 1, 3, 3]);
  const [image, slope] = [heap.view(x), heap.view(dy)];
  const sums = new Float64Array(9 * C);
  const stride = W * C;
  for (let row = 0; row < B * H; row++) {
    const y = row % H;
    for (let tap = y === 0 ? 1 : 0; tap < (y === H - 1 ? 2 : 3); tap++) {
      addRow(sums, tap * 3 * C, image, (row + tap - 1) * stride, slope, row * stride, stride, C);
    }
  }
  const out = heap.view(dw);
  for (let c = 0; c < C; c++) {
    for (let tap = 0; tap < 9; tap++) out[c * 9 + tap] = sums[tap * C + c] as number;
  }
  return dw;
}

/** What one row of dy gives to one row of taps `[3, C]`. Arrays are given with their offsets: views cost time here. */
function addRow(
  sums: Float64Array,
  sumsAt: number,
  x: Float32Array,
  xAt: number,
  dy: Float32Array,
  dyAt: number,
  stride: number,
  C: number,
): void {
  for (let c = 0; c < C; c++) {
    let left = 0;
    let middle = 0;
    let right = 0;
    let before = 0;
    let here = x[xAt + c] as number;
    for (let at = c; at < stride - C; at += C) {
      const after = x[xAt + at + C] as number;
      const d = dy[dyAt + at] as number;
      left += d * before;
      middle += d * here;
      right += d * after;
      before = here;
      here = after;
    }
    const last = dy[dyAt + stride - C + c] as number;
    sums[sumsAt + c] = (sums[sumsAt + c] as number) + left + last * before;
    sums[sumsAt + C + c] = (sums[sumsAt + C + c] as number) + middle + last * here;
    sums[sumsAt + 2 * C + c] = (sums[sumsAt + 2 * C + c] as number) + right;
  }
}
