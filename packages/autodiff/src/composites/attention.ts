import { ShapeError } from '@refusion/core';
import type { Ops } from '../ops.js';
import type { Tensor } from '../tensor.js';

/** Added to logits outside a head; its exponential is exactly 0 in float32 and float64. */
const OUTSIDE_HEAD = -1e30;
/** The smallest length that a row is divided by, as in PyTorch's `normalize`. */
const LEAST_NORM = 1e-12;

/**
 * Transposed attention (Restormer, Zamir et al. 2022): the map is between channels, not pixels. With q, k, v as
 * `[C/h, HW]` a head, q and k of unit length along HW: softmax(temperature q k^T) v.
 *
 * The small Gram matrix is divided by the lengths, which equals dividing the two large tensors. All heads share one
 * C x C matrix with the blocks off the diagonal masked, so that no large tensor is split or transposed by heads.
 *
 * @param q, k, v `[B, H, W, C]`
 * @param temperature `[heads, 1, 1]`
 * @returns `[B, H, W, C]`
 */
export function transposedAttention(ops: Ops, q: Tensor, k: Tensor, v: Tensor, temperature: Tensor): Tensor {
  const [batch, height, width, channels] = q.shape as [number, number, number, number];
  const heads = temperature.shape[0] as number;
  if (channels % heads !== 0) {
    throw new ShapeError(`transposedAttention: ${channels} channels cannot be divided into ${heads} heads`);
  }
  const columns = (x: Tensor): Tensor => ops.reshape(x, [batch, height * width, channels]);
  const [qs, ks] = [columns(q), columns(k)];
  const lengths = ops.mul(ops.swapLast(norms(ops, qs)), norms(ops, ks));
  const cosine = ops.div(ops.gram(qs, ks), lengths);
  const logits = ops.add(
    ops.mul(cosine, rowTemperature(ops, temperature, channels)),
    headMask(ops, heads, channels),
  );
  const map = ops.softmax(logits, -1);
  return ops.reshape(ops.matMul(columns(v), ops.swapLast(map)), [batch, height, width, channels]);
}

/** `[B,N,C] -> [B,1,C]`; the bound under the root keeps the derivative finite at 0. */
function norms(ops: Ops, x: Tensor): Tensor {
  return ops.sqrt(ops.maximum(ops.squaredNorms(x), LEAST_NORM ** 2));
}

/** `[heads,1,1] -> [1,C,1]`, each head's temperature on its rows. */
function rowTemperature(ops: Ops, temperature: Tensor, channels: number): Tensor {
  const heads = temperature.shape[0] as number;
  const repeated = ops.broadcastTo(ops.reshape(temperature, [heads, 1]), [heads, channels / heads]);
  return ops.reshape(repeated, [1, channels, 1]);
}

function headMask(ops: Ops, heads: number, channels: number): Tensor {
  const width = channels / heads;
  const mask = new Float64Array(channels * channels);
  for (let row = 0; row < channels; row++) {
    for (let column = 0; column < channels; column++) {
      const inside = Math.floor(row / width) === Math.floor(column / width);
      mask[row * channels + column] = inside ? 0 : OUTSIDE_HEAD;
    }
  }
  return ops.constant(mask, [1, channels, channels]);
}
