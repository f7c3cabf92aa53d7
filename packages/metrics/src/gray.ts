import {
  expectSameShape,
  expectShape,
  type NdArray,
  OptionError,
  ShapeError,
  toFloat64,
} from '@refusion/core';

/** A fused image and the two images it was made from: gray `[H, W]`, all of one size, values 0..255. */
export interface Triplet {
  readonly fused: NdArray;
  readonly a: NdArray;
  readonly b: NdArray;
}

/**
 * A gray image that has been checked: row-major float64, `[height, width]`. Its class is the mark that lets several
 * metrics share one conversion and one check.
 */
export class GrayImage implements NdArray<Float64Array> {
  readonly shape: readonly [height: number, width: number];

  constructor(
    readonly data: Float64Array,
    readonly height: number,
    readonly width: number,
  ) {
    this.shape = [height, width];
  }
}

/**
 * Checks and converts one image; a `GrayImage` is returned as it is.
 * @throws ShapeError unless the shape is `[H, W]` with at least one pixel.
 * @throws OptionError if a value does not round to 0..255. A luminance of 255.00002, as float32 gives for white, is
 * accepted.
 */
export function grayOf(where: string, name: string, image: NdArray): GrayImage {
  if (image instanceof GrayImage) return image;
  expectShape(where, name, image, [null, null]);
  const [height, width] = image.shape as readonly [number, number];
  if (height * width === 0) {
    throw new ShapeError(`${where}: ${name} must have at least one pixel, got the shape [${image.shape}]`);
  }
  const data = toFloat64(image);
  for (let i = 0; i < data.length; i++) {
    const value = data[i] as number;
    // Between -0.5 and 255.5, in one comparison, which NaN fails too.
    if (!(Math.abs(value - 127.5) < 128)) {
      throw new OptionError(
        `${where}: ${name} must have gray values in 0..255, got ${value} at row ${Math.floor(i / width)}, column ${i % width}`,
      );
    }
  }
  return new GrayImage(data, height, width);
}

/** A checked triplet. */
export interface GrayTriplet extends Triplet {
  readonly fused: GrayImage;
  readonly a: GrayImage;
  readonly b: GrayImage;
}

/**
 * Checks and converts the three images.
 * @throws ShapeError if a source has not the shape of the fused image, and as `grayOf`.
 * @throws OptionError as `grayOf`.
 */
export function grayTripletOf(where: string, { fused, a, b }: Triplet): GrayTriplet {
  expectSameShape(where, 'a', a, 'fused', fused);
  expectSameShape(where, 'b', b, 'fused', fused);
  return { fused: grayOf(where, 'fused', fused), a: grayOf(where, 'a', a), b: grayOf(where, 'b', b) };
}
