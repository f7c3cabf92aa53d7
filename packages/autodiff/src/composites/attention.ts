import { ShapeError } from '@refusion/core';
import type { Ops } from '../ops.js';
import type { Tensor } from '../tensor.js';

/** Added to logits outside a head; its exponential is exactly 0 in float32 and float64. */
const OUTSIDE_HEAD = -1e30;
/** The smallest length that a row is divided by, as in PyTorch's `normalize`. */
const LEAST_NORM = 1e-12;

/**
 * All that transposed attention takes from whole images. Sums over parts of an image add up to the sums over all of it.
 */
export type AttentionSums = {
  /** q^T k, `[B, C, C]`. */
  readonly gram: Tensor;
  /** The squared lengths of q's channels, `[B, 1, C]`. */
  readonly q: Tensor;
  /** The squared lengths of k's channels, `[B, 1, C]`. */
  readonly k: Tensor;
};

/**
 * The sums over pixels that transposed attention needs.
 *
 * @param q, k `[B, H, W, C]`
 * @param rows `[1, H, 1, 1]`: 1 for rows that count, 0 for others. Default: all count.
 */
export function attentionSums(ops: Ops, q: Tensor, k: Tensor, rows?: Tensor): AttentionSums {
  const counted = (x: Tensor): Tensor => columns(ops, rows ? ops.mul(x, rows) : x);
  return ops.scope(() => {
    const [qs, ks] = [counted(q), counted(k)];
    return { gram: ops.gram(qs, ks), q: ops.squaredNorms(qs), k: ops.squaredNorms(ks) };
  });
}

/**
 * The attention map between channels: softmax(temperature q k^T), q and k of unit length.
 *
 * The small Gram matrix is divided by the lengths, which equals dividing the two large tensors. All heads share one
 * C x C matrix with the blocks off the diagonal masked, so that no large tensor is split or transposed by heads.
 *
 * @param temperature `[heads, 1, 1]`
 * @returns `[B, C, C]`
 * @throws ShapeError if there are not whole channels for each head
 */
export function attentionMap(ops: Ops, { gram, q, k }: AttentionSums, temperature: Tensor): Tensor {
  const channels = gram.shape[2] as number;
  const heads = temperature.shape[0] as number;
  if (channels % heads !== 0) {
    throw new ShapeError(`transposedAttention: ${channels} channels cannot be divided into ${heads} heads`);
  }
  const cosine = ops.div(gram, ops.mul(ops.swapLast(lengths(ops, q)), lengths(ops, k)));
  const logits = ops.add(
    ops.mul(cosine, rowTemperature(ops, temperature, channels)),
    headMask(ops, heads, channels),
  );
  return ops.softmax(logits, -1);
}

/** Mixes the channels of v `[B, H, W, C]` by an attention map `[B, C, C]`. */
export function attend(ops: Ops, v: Tensor, map: Tensor): Tensor {
  return ops.reshape(ops.matMul(columns(ops, v), ops.swapLast(map)), v.shape);
}

/**
 * Transposed attention (Restormer, Zamir et al. 2022): the map is between channels, not pixels. With q, k, v as
 * `[C/h, HW]` a head, q and k of unit length along HW: softmax(temperature q k^T) v.
 *
 * @param q, k, v `[B, H, W, C]`
 * @param temperature `[heads, 1, 1]`
 * @returns `[B, H, W, C]`
 */
export function transposedAttention(ops: Ops, q: Tensor, k: Tensor, v: Tensor, temperature: Tensor): Tensor {
  return attend(ops, v, attentionMap(ops, attentionSums(ops, q, k), temperature));
}

/** `[B,H,W,C] -> [B,HW,C]` */
function columns(ops: Ops, x: Tensor): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  return ops.reshape(x, [batch, height * width, channels]);
}

/** The bound under the root keeps the derivative finite at 0. */
function lengths(ops: Ops, squares: Tensor): Tensor {
  return ops.sqrt(ops.maximum(squares, LEAST_NORM ** 2));
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
