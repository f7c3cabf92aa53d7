import {
  expectSameShape,
  expectShape,
  isContiguous,
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
  /** The image that fusion should have given, where one is known. */
  readonly truth?: NdArray | undefined;
}

/** Remembers what several metrics need. */
class Remembering {
  readonly #results = new Map<unknown, unknown>();

  /**
   * What a function of this gives, computed for the first metric that asks and kept for the others.
   * @example
   * triplet.once(informationOf)
   */
  once<V>(compute: (self: this) => V): V {
    if (!this.#results.has(compute)) this.#results.set(compute, compute(this));
    return this.#results.get(compute) as V;
  }
}

/**
 * A gray image that has been checked: row-major float64, `[height, width]`. Its class is the mark that lets several
 * metrics share one conversion and one check.
 */
export class GrayImage extends Remembering implements NdArray<Float64Array> {
  readonly shape: readonly [height: number, width: number];

  constructor(
    readonly data: Float64Array,
    readonly height: number,
    readonly width: number,
  ) {
    super();
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
  // Bytes need no check, and this conversion is seven times as fast.
  if (image.data instanceof Uint8Array && isContiguous(image)) {
    return new GrayImage(new Float64Array(image.data), height, width);
  }
  const data = toFloat64(image);
  expectGrayValues(where, name, data, width);
  return new GrayImage(data, height, width);
}

/** @throws OptionError unless all values lie between -0.5 and 255.5. */
function expectGrayValues(where: string, name: string, data: Float64Array, width: number): void {
  for (let i = 0; i < data.length; i++) {
    // One comparison, which NaN fails too.
    if (Math.abs((data[i] as number) - 127.5) < 128) continue;
    throw new OptionError(
      `${where}: ${name} must have gray values in 0..255, got ${data[i]} at row ${Math.floor(i / width)}, column ${i % width}`,
    );
  }
}

/** A checked triplet. */
export class GrayTriplet extends Remembering implements Triplet {
  constructor(
    readonly fused: GrayImage,
    readonly a: GrayImage,
    readonly b: GrayImage,
    readonly truth?: GrayImage | undefined,
  ) {
    super();
  }
}

/**
 * Checks and converts the images; a `GrayTriplet` is returned as it is.
 * @throws ShapeError if another image has not the shape of the fused image, and as `grayOf`.
 * @throws OptionError as `grayOf`.
 */
export function grayTripletOf(where: string, triplet: Triplet): GrayTriplet {
  if (triplet instanceof GrayTriplet) return triplet;
  const { fused, a, b, truth } = triplet;
  expectSameShape(where, 'a', a, 'fused', fused);
  expectSameShape(where, 'b', b, 'fused', fused);
  if (truth) expectSameShape(where, 'truth', truth, 'fused', fused);
  return new GrayTriplet(
    grayOf(where, 'fused', fused),
    grayOf(where, 'a', a),
    grayOf(where, 'b', b),
    truth && grayOf(where, 'truth', truth),
  );
}

/**
 * The ground truth of a triplet.
 * @throws OptionError if it has none.
 */
export function truthOf(where: string, { truth }: Triplet): NdArray {
  if (truth) return truth;
  throw new OptionError(
    `${where}: the triplet has no truth, the image that fusion should have given; add it`,
  );
}

/**
 * Checks and converts an image that stands in several triplets, such as a source of several fused images: once, in place of
 * once for each triplet, and what metrics have found out about it is kept with it.
 * @param image gray `[H, W]`, values 0..255
 * @returns what may stand in a triplet, or as any image of a metric
 * @throws ShapeError unless it is `[H, W]` with at least one pixel; OptionError if a value does not round to 0..255
 * @example
 * const a = preparedImage(source);
 * for (const fused of methods) scoreTriplet({ fused, a, b });
 */
export function preparedImage(
  image: NdArray,
): NdArray<Float64Array> & { readonly shape: readonly [height: number, width: number] } {
  return grayOf('preparedImage', 'image', image);
}

/** @throws ShapeError unless the images have at least `least` pixels in both directions. */
export function expectSide(where: string, { height, width }: GrayImage, least: number): void {
  if (height >= least && width >= least) return;
  throw new ShapeError(
    `${where}: the images must be at least ${least}x${least} pixels, got a height of ${height} and a width of ${width}`,
  );
}

/**
 * Checks and converts the fused image and the ground truth.
 * @throws ShapeError if the truth has not the shape of the fused image, and as `grayOf`.
 * @throws OptionError as `grayOf`.
 */
export function grayPairOf(
  where: string,
  fused: NdArray,
  truth: NdArray,
): { fused: GrayImage; truth: GrayImage } {
  expectSameShape(where, 'truth', truth, 'fused', fused);
  return { fused: grayOf(where, 'fused', fused), truth: grayOf(where, 'truth', truth) };
}
