import type { NdArray } from '@refusion/core';
import { type Picture, picture, type SourcePicture } from './picture.js';

// The float32 coefficients of OpenCV.
const RED = Math.fround(0.299);
const GREEN = Math.fround(0.587);
const BLUE = Math.fround(0.114);

/**
 * Luminance, as the authors feed it to the network (after division by 255):
 *
 *     Y = 0.299 R + 0.587 G + 0.114 B
 *
 * Rounded as in the vectorised code of OpenCV's `cvtColor(float32, COLOR_RGB2YCrCb)`. A gray picture is taken as three
 * equal channels, so that a few of its values move by a rounding error (at most 2e-5).
 * @returns `[H, W]`, float32, in 0..255, not rounded.
 */
export function luminance(source: SourcePicture): NdArray<Float32Array> {
  const [height, width] = source.shape;
  const y = new Float32Array(height * width);
  eachPixel(source, (r, g, b, i) => {
    // Fused multiply-adds: float64 holds each product of two float32 exactly, and rounds once, at the fround.
    y[i] = RED * r + Math.fround(GREEN * g + Math.fround(BLUE * b));
  });
  return { data: y, shape: [height, width] };
}

/**
 * The gray read of the metrics: luminance rounded to the nearest whole number, ties to even.
 *
 * The float32 luminance before rounding is that of OpenCV's `cvtColor(float32, COLOR_RGB2GRAY)`, which adds the terms
 * in the opposite order of `COLOR_RGB2YCrCb`: the two differ by a rounding error, which decides exact ties.
 * @returns `[H, W]`, uint8.
 */
export function roundedLuminance(source: SourcePicture): Picture {
  const [height, width] = source.shape;
  // Of gray bytes it is these themselves.
  if (source.shape.length === 2 && source.data instanceof Uint8Array) {
    return picture(source.data.slice(), [height, width]);
  }
  const gray = new Uint8Array(height * width);
  eachPixel(source, (r, g, b, i) => {
    gray[i] = roundHalfEven(Math.fround(BLUE * b + Math.fround(GREEN * g + Math.fround(RED * r))));
  });
  return picture(gray, [height, width]);
}

/** Calls `visit` with the channels of every pixel in row-major order; those of a gray picture are equal. */
function eachPixel(
  { data, shape }: SourcePicture,
  visit: (r: number, g: number, b: number, index: number) => void,
): void {
  const step = shape.length === 3 ? 3 : 1;
  const [green, blue] = step === 3 ? [1, 2] : [0, 0];
  for (let i = 0, at = 0; at < data.length; i++, at += step) {
    visit(data[at] as number, data[at + green] as number, data[at + blue] as number, i);
  }
}

function roundHalfEven(x: number): number {
  const nearest = Math.round(x); // ties up
  return nearest - x === 0.5 && nearest % 2 === 1 ? nearest - 1 : nearest;
}
