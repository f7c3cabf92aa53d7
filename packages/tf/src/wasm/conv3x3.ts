import type { Kernels } from '@refusion/autodiff';
import type * as tf from '@tensorflow/tfjs-core';
import type { Image } from '../images.js';
import type { Machine } from './heap.js';

type Inputs = readonly tf.Tensor[];

export function conv3x3Kernels(machine: Machine) {
  return {
    conv3x3FilterGrad: ([x, dy]: Inputs) => filterGrad(machine, x as Image, dy as Image),
  } satisfies Kernels<tf.Tensor>;
}

const FLOAT = Float32Array.BYTES_PER_ELEMENT;

/** dw[o,i,t] = sum over pixels p of dy[p,o] x[p + offset of tap t, i]: row by row, products of shifted matrices. */
function filterGrad({ heap, simd }: Machine, x: Image, dy: Image): tf.Tensor {
  const [B, H, W, I] = x.shape;
  const O = dy.shape[3];
  const dw = heap.allocate([O, I, 3, 3]);
  const sums = heap.sums(9 * O * I);
  const [image, slope] = [heap.at(x), heap.at(dy)];
  for (const { tap, fromX, fromDy, pixels } of overlaps(B, H, W)) {
    const [left, right] = [slope + fromDy * O * FLOAT, image + fromX * I * FLOAT];
    const to = sums.at + tap * O * I * 2 * FLOAT;
    // The kernel goes fastest along the wider of the two.
    if (I >= O) simd.crossProducts(left, right, to, pixels, O, I);
    else simd.crossProducts(right, left, to, pixels, I, O);
  }
  const [stepO, stepI] = I >= O ? [I, 1] : [1, O];
  writeFilter(sums.read(), heap.view(dw), O, I, stepO, stepI);
  return dw;
}

/** Pixels of a row of dy that see x through one tap. */
interface Overlap {
  readonly tap: number;
  readonly fromX: number;
  readonly fromDy: number;
  readonly pixels: number;
}

function* overlaps(B: number, H: number, W: number): Generator<Overlap> {
  for (let row = 0; row < B * H; row++) {
    for (let tap = 0; tap < 9; tap++) {
      const [down, right] = [Math.floor(tap / 3) - 1, (tap % 3) - 1];
      const y = (row % H) + down;
      const pixels = W - Math.abs(right);
      if (y < 0 || y >= H || pixels === 0) continue;
      yield {
        tap,
        fromX: (row + down) * W + Math.max(right, 0),
        fromDy: row * W + Math.max(-right, 0),
        pixels,
      };
    }
  }
}

/** Products by tap, with steps from output to output and from input to input, as a filter `[O, I, 3, 3]`. */
function writeFilter(
  products: Float64Array,
  to: Float32Array,
  O: number,
  I: number,
  stepO: number,
  stepI: number,
): void {
  for (let o = 0; o < O; o++) {
    for (let i = 0; i < I; i++) {
      for (let tap = 0; tap < 9; tap++) {
        to[(o * I + i) * 9 + tap] = products[tap * O * I + o * stepO + i * stepI] as number;
      }
    }
  }
}
