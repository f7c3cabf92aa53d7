import { type NdArray, ndarray, type Shape, ShapeError } from '@refusion/core';

/**
 * A decoded 8-bit image, values 0..255, row-major without gaps: `[H, W]` gray or `[H, W, 3]` in the order R, G, B.
 */
export interface Picture extends NdArray<Uint8Array> {
  readonly shape: readonly [height: number, width: number] | readonly [height: number, width: number, rgb: 3];
  readonly stride?: never;
  readonly offset?: never;
}

/**
 * A picture from its bytes, for example from a canvas.
 * @param data the values 0..255, row by row, R, G, B interleaved where there are three channels.
 * @param shape `[H, W]` or `[H, W, 3]`, H and W at least 1.
 * @throws ShapeError if the shape is another one, or does not have as many elements as `data`.
 */
export function picture(data: Uint8Array, shape: Shape): Picture {
  const [height = 0, width = 0, channels] = shape;
  if (height < 1 || width < 1 || shape.length > 3 || (shape.length === 3 && channels !== 3)) {
    throw new ShapeError(`picture: the shape must be [H,W] or [H,W,3], got [${shape}]`);
  }
  ndarray(data, shape); // checks the number of elements
  return { data, shape: shape.length === 3 ? [height, width, 3] : [height, width] };
}

/** Whether a picture shows no colour: one channel, or three that are equal at every pixel. */
export function isGray({ data, shape }: Picture): boolean {
  if (shape.length === 2) return true;
  for (let i = 0; i < data.length; i += 3) {
    if (data[i] !== data[i + 1] || data[i] !== data[i + 2]) return false;
  }
  return true;
}
