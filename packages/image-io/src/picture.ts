import { type NdArray, ndarray, type Shape, ShapeError } from '@refusion/core';

/** What a picture's values are stored in. */
export type PictureData = Uint8Array | Uint16Array | Float32Array;

/**
 * A decoded image, row-major without gaps: `[H, W]` gray or `[H, W, 3]` in the order R, G, B. 8-bit unless said
 * otherwise: values 0..255. With `Uint16Array` they are 0..65535.
 */
export interface Picture<D extends PictureData = Uint8Array> extends NdArray<D> {
  readonly shape: readonly [height: number, width: number] | readonly [height: number, width: number, rgb: 3];
  readonly stride?: never;
  readonly offset?: never;
}

/** What may be fused: 8-bit, or float32 values in 0..255 that need not be whole (see `readScaledPicture`). */
export type SourcePicture = Picture<Uint8Array | Float32Array>;

/**
 * A picture from its values, for example from a canvas.
 * @param data the values, row by row, R, G, B interleaved where there are three channels.
 * @param shape `[H, W]` or `[H, W, 3]`, H and W at least 1.
 * @throws ShapeError if the shape is another one, or does not have as many elements as `data`.
 */
export function picture<D extends PictureData>(data: D, shape: Shape): Picture<D> {
  const [height = 0, width = 0, channels] = shape;
  if (height < 1 || width < 1 || shape.length > 3 || (shape.length === 3 && channels !== 3)) {
    throw new ShapeError(`picture: the shape must be [H,W] or [H,W,3], got [${shape}]`);
  }
  ndarray(data, shape); // checks the number of elements
  return { data, shape: shape.length === 3 ? [height, width, 3] : [height, width] };
}

/** Whether a picture shows no colour: one channel, or three that are equal at every pixel. */
export function isGray({ data, shape }: Picture<PictureData>): boolean {
  if (shape.length === 2) return true;
  for (let i = 0; i < data.length; i += 3) {
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  }
  return true;
}

/** The rows of a picture from `start` to before `end`, on the same memory. */
export function rowsOf<D extends PictureData>(
  { data, shape }: Picture<D>,
  start: number,
  end: number,
): Picture<D> {
  const row = data.length / shape[0];
  return picture(data.subarray(start * row, end * row) as D, [end - start, ...shape.slice(1)]);
}
