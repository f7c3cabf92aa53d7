import type { GrayImage } from './gray.js';

/** How an image continues outside: with zeros, or mirrored at its border pixels, which are not repeated. */
export type Border = 'zero' | 'mirror';

/** Sobel's derivatives along a row. */
export interface Derivatives {
  /** What is on the right minus what is on the left. */
  readonly dx: Float64Array;
  /** What is below minus what is above. */
  readonly dy: Float64Array;
}

/** The image with one more pixel on every side. `mirror` needs at least 2x2 pixels. */
function bordered({ data, height, width }: GrayImage, border: Border): Float64Array {
  const stride = width + 2;
  const out = new Float64Array((height + 2) * stride);
  for (let row = 0; row < height; row++) {
    out.set(data.subarray(row * width, (row + 1) * width), (row + 1) * stride + 1);
  }
  if (border === 'zero') return out;
  for (let row = 1; row <= height; row++) {
    const first = row * stride;
    out[first] = out[first + 2] as number;
    out[first + stride - 1] = out[first + stride - 3] as number;
  }
  out.copyWithin(0, 2 * stride, 3 * stride);
  out.copyWithin((height + 1) * stride, (height - 1) * stride, height * stride);
  return out;
}

/**
 * A function that gives the derivatives along a row, by the weights `[[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]` and their
 * transpose. The arrays are overwritten by the next row.
 */
export function sobelRows(image: GrayImage, border: Border): (row: number) => Derivatives {
  const { width } = image;
  const stride = width + 2;
  const data = bordered(image, border);
  const dx = new Float64Array(width);
  const dy = new Float64Array(width);
  return (row) => {
    const above = data.subarray(row * stride, (row + 1) * stride);
    const here = data.subarray((row + 1) * stride, (row + 2) * stride);
    const below = data.subarray((row + 2) * stride, (row + 3) * stride);
    for (let left = 0; left < width; left++) {
      const right = left + 2;
      const downhill = (below[right] as number) - (above[left] as number);
      const uphill = (above[right] as number) - (below[left] as number);
      dx[left] = downhill + uphill + 2 * ((here[right] as number) - (here[left] as number));
      dy[left] = downhill - uphill + 2 * ((below[left + 1] as number) - (above[left + 1] as number));
    }
    return { dx, dy };
  };
}
