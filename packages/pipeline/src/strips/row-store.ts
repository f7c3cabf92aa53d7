import type { Numbers } from './stage.js';

/** The features of the first rows of a picture, kept between passes. */
export interface RowStore {
  /** How many rows are kept. */
  readonly rows: number;
  /**
   * Keeps rows of images side by side. Each image is a strip `[1, h, W, C]`.
   * @param row the first row in the picture, and `skip` the first in the strip
   */
  write(
    images: readonly Numbers[],
    channels: readonly number[],
    row: number,
    skip: number,
    count: number,
  ): void;
  /** Rows from `start` to before `end` as strips, one for each image. */
  read(channels: readonly number[], start: number, end: number): Numbers[];
}

/**
 * A store of rows in one array. What it keeps may change from images of some channels to images of others, row by row,
 * as long as their number together is the same: so a pass replaces the features that it reads.
 */
export function rowStore(rows: number, width: number, channels: number): RowStore {
  let kept: Numbers | null = null;
  const length = width * channels;
  return {
    rows,
    write: (images, parts, row, skip, count) => {
      // The first strip tells whether the engine computes in float32 or float64.
      kept ??=
        images[0] instanceof Float64Array ? new Float64Array(rows * length) : new Float32Array(rows * length);
      let offset = row * length;
      images.forEach((image, i) => {
        const own = width * (parts[i] as number);
        const part = image.subarray(skip * own, (skip + count) * own);
        for (let r = 0; r < count; r++) {
          (kept as Numbers).set(part.subarray(r * own, (r + 1) * own), offset + r * length);
        }
        offset += own;
      });
    },
    read: (parts, start, end) => {
      const from = kept as Numbers;
      let offset = start * length;
      return parts.map((own) => {
        const size = own * width;
        const image =
          from instanceof Float64Array
            ? new Float64Array((end - start) * size)
            : new Float32Array((end - start) * size);
        for (let r = 0; r < end - start; r++) {
          const at = offset + r * length;
          image.set(from.subarray(at, at + size), r * size);
        }
        offset += size;
        return image;
      });
    },
  };
}
