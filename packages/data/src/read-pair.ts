import { ShapeError } from '@refusion/core';
import type { Picture } from '@refusion/image-io';
import { readPicture } from '@refusion/image-io/node';

/**
 * Reads the two pictures of a pair.
 * @throws FileError if one cannot be read; ShapeError if they differ in size.
 */
export async function readPair(pair: {
  readonly a: string;
  readonly b: string;
}): Promise<{ a: Picture; b: Picture }> {
  const [a, b] = await Promise.all([readPicture(pair.a), readPicture(pair.b)]);
  if (a.shape[0] !== b.shape[0] || a.shape[1] !== b.shape[1]) {
    const size = ({ shape: [height, width] }: Picture) => `${width}x${height}`;
    throw new ShapeError(
      `"${pair.a}" has ${size(a)} pixels and "${pair.b}" ${size(b)}; a pair must have one size: register the two images`,
    );
  }
  return { a, b };
}
