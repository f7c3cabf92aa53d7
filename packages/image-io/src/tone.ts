import { isContiguous, type NdArray, OptionError, sizeOf, toFloat64 } from '@refusion/core';
import { mapValues } from './map-values.js';
import { type Picture, picture } from './picture.js';

const { fround } = Math;

/** The smallest and the largest value of an array, or what stands for them. */
export interface Extremes {
  readonly min: number;
  readonly max: number;
}

/** @throws OptionError if a value is not a finite number. */
export function extremes(raw: NdArray<Float32Array>): Extremes {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of isContiguous(raw) ? raw.data : toFloat64(raw)) {
    if (!Number.isFinite(value)) {
      throw new OptionError(`stretch: every value of raw must be a finite number, got ${value}`);
    }
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}

/**
 * Stretches an array by its own extremes to 0..255, in float32, as the authors do with the network's output:
 *
 *     x = (raw - min) / (max - min) * 255
 *
 * A constant array has nothing to stretch (the authors' code fails there): it becomes `255 * raw`, with `raw` clipped
 * to [0, 1].
 * @param raw any shape; the network's output is `[H, W]` in [0, 1].
 * @param range other extremes than its own, such as those of a whole that it is a part of.
 * @returns the same shape, float32, in 0..255 unless `range` is narrower than the values.
 * @throws OptionError if a value is not a finite number.
 */
export function stretch(
  raw: NdArray<Float32Array>,
  { min, max }: Extremes = extremes(raw),
): NdArray<Float32Array> {
  const range = fround(max - min);
  const stretched =
    range > 0
      ? (value: number) => fround(fround(value - min) / range) * 255
      : (value: number) => clip(value, 1) * 255;
  return { data: mapValues(raw, new Float32Array(sizeOf(raw.shape)), stretched), shape: raw.shape };
}

/**
 * Rounds to the nearest of 0..255, exact ties down (10.5 becomes 10), values outside clipped. The rule of the writer
 * that the authors use (imageio's `image_as_uint`): `uint8(x + 0.499999999)`.
 * @param x `[H, W]` or `[H, W, 3]` in 0..255.
 * @throws ShapeError if `x` has another shape.
 */
export function toUint8(x: NdArray<Float32Array | Float64Array>): Picture {
  return picture(
    mapValues(x, new Uint8Array(sizeOf(x.shape)), (value) => clip(value, 255) + 0.499999999),
    x.shape,
  );
}

/**
 * Rounds `257 x` to the nearest of 0..65535, values outside clipped: 0..255 at 16 bits, 255 being white in both.
 * @param x `[H, W]` or `[H, W, 3]` in 0..255.
 * @throws ShapeError if `x` has another shape.
 */
export function toUint16(x: NdArray<Float32Array | Float64Array>): Picture<Uint16Array> {
  return picture(
    mapValues(x, new Uint16Array(sizeOf(x.shape)), (value) => 257 * clip(value, 255) + 0.5),
    x.shape,
  );
}

function clip(value: number, max: number): number {
  return Math.min(Math.max(value, 0), max);
}
