import { expectSameShape, expectShape, type NdArray, ShapeError, toFloat64 } from '@refusion/core';
import { luminance } from './luminance.js';
import { isGray, type SourcePicture } from './picture.js';

/** The two colour differences of a picture in 0..255, each `[H, W]`, float32; both are 0.5 where it is gray. */
export interface Chroma {
  readonly cr: NdArray<Float32Array>;
  readonly cb: NdArray<Float32Array>;
}

// OpenCV's offset for float32 images is 0.5, even where the values run to 255.
const OFFSET = 0.5;
// OpenCV's float32 coefficients, there and back.
const CR_OF_RED = Math.fround(0.713);
const CB_OF_BLUE = Math.fround(0.564);
const RED_OF_CR = Math.fround(1.403);
const GREEN_OF_CR = Math.fround(-0.714);
const GREEN_OF_CB = Math.fround(-0.344);
const BLUE_OF_CB = Math.fround(1.773);

const { fround } = Math;

/**
 * Colour differences, as OpenCV's `cvtColor(float32, COLOR_RGB2YCrCb)` computes them:
 *
 *     Cr = 0.713 (R - Y) + 0.5,   Cb = 0.564 (B - Y) + 0.5
 */
export function chroma(source: SourcePicture): Chroma {
  const { data, shape } = source;
  const [height, width] = shape;
  const y = luminance(source).data;
  const channels = shape.length === 3 ? 3 : 1;
  const cr = new Float32Array(y.length);
  const cb = new Float32Array(y.length);
  for (let i = 0; i < y.length; i++) {
    const red = data[i * channels] as number;
    const blue = data[i * channels + channels - 1] as number;
    cr[i] = CR_OF_RED * fround(red - (y[i] as number)) + OFFSET;
    cb[i] = CB_OF_BLUE * fround(blue - (y[i] as number)) + OFFSET;
  }
  return { cr: { data: cr, shape: [height, width] }, cb: { data: cb, shape: [height, width] } };
}

/**
 * The colour of a fused picture. Where one source is gray, it is that of the other; where both have colour, each
 * difference is weighted by how far it is from gray:
 *
 *     C = (C_a |C_a - 0.5| + C_b |C_b - 0.5|) / (|C_a - 0.5| + |C_b - 0.5| + 1e-4)
 *
 * Source: the authors' published inference code.
 * @param gray which sources are gray: to be given for rows of larger pictures, which decide as a whole.
 * @returns the colour differences, or `null` where both sources are gray.
 * @throws ShapeError if the two pictures differ in height or width.
 */
export function mergeChroma(
  a: SourcePicture,
  b: SourcePicture,
  gray: readonly [a: boolean, b: boolean] = [isGray(a), isGray(b)],
): Chroma | null {
  if (a.shape[0] !== b.shape[0] || a.shape[1] !== b.shape[1]) {
    throw new ShapeError(
      `mergeChroma: the pictures must have the same height and width, got [${a.shape}] and [${b.shape}]`,
    );
  }
  const [aGray, bGray] = gray;
  if (aGray && bGray) return null;
  if (aGray) return chroma(b);
  if (bGray) return chroma(a);
  const ofA = chroma(a);
  const ofB = chroma(b);
  return { cr: merge(ofA.cr, ofB.cr), cb: merge(ofA.cb, ofB.cb) };
}

function merge(a: NdArray<Float32Array>, b: NdArray<Float32Array>): NdArray<Float32Array> {
  const tiny = fround(1e-4);
  const merged = a.data.map((ca, i) => {
    const cb = b.data[i] as number;
    const weightA = fround(Math.abs(ca - OFFSET));
    const weightB = fround(Math.abs(cb - OFFSET));
    const sum = fround(fround(ca * weightA) + fround(cb * weightB));
    return sum / fround(fround(weightA + weightB) + tiny);
  });
  return { data: merged, shape: a.shape };
}

/**
 * RGB from luminance and colour differences, as OpenCV's `cvtColor(float32, COLOR_YCrCb2RGB)` computes it:
 *
 *     R = Y + 1.403 (Cr - 0.5)
 *     G = Y - 0.714 (Cr - 0.5) - 0.344 (Cb - 0.5)
 *     B = Y + 1.773 (Cb - 0.5)
 * @param y `[H, W]`, float32, in 0..255.
 * @returns `[H, W, 3]`, float32, not clipped: values may leave 0..255 (`toUint8` clips).
 * @throws ShapeError if `y` is not `[H, W]` or `chroma` has another shape.
 */
export function toRgb(y: NdArray<Float32Array>, { cr, cb }: Chroma): NdArray<Float32Array> {
  expectShape('toRgb', 'y', y, [null, null]);
  expectSameShape('toRgb', 'cr', cr, 'y', y);
  expectSameShape('toRgb', 'cb', cb, 'y', y);
  const [lumas, reds, blues] = [toFloat64(y), toFloat64(cr), toFloat64(cb)];
  const rgb = new Float32Array(lumas.length * 3);
  for (let i = 0; i < lumas.length; i++) {
    const luma = lumas[i] as number;
    const dr = fround((reds[i] as number) - OFFSET);
    const db = fround((blues[i] as number) - OFFSET);
    rgb[3 * i] = RED_OF_CR * dr + luma;
    rgb[3 * i + 1] = GREEN_OF_CR * dr + fround(GREEN_OF_CB * db + luma);
    rgb[3 * i + 2] = BLUE_OF_CB * db + luma;
  }
  return { data: rgb, shape: [...y.shape, 3] };
}
