import { ShapeError } from '@refusion/core';
import type { SourcePicture, ValueRange } from '@refusion/image-io';
import { readPicture, readScaledPicture } from '@refusion/image-io/node';

/** The range of a source's values to show, in its own units; without one, the higher 8 bits are read. */
export interface PairRanges {
  readonly a?: ValueRange | undefined;
  readonly b?: ValueRange | undefined;
}

/**
 * Reads the two pictures of a pair.
 * @param ranges for sources of more than 8 bits: see `readScaledPicture`.
 * @throws FileError if one cannot be read; ShapeError if they differ in size.
 */
export async function readPair(
  pair: { readonly a: string; readonly b: string },
  ranges: PairRanges = {},
): Promise<{ a: SourcePicture; b: SourcePicture }> {
  const [a, b] = await Promise.all([readSource(pair.a, ranges.a), readSource(pair.b, ranges.b)]);
  if (a.shape[0] !== b.shape[0] || a.shape[1] !== b.shape[1]) {
    const size = ({ shape: [height, width] }: SourcePicture) => `${width}x${height}`;
    const turned = a.shape[0] === b.shape[1] && a.shape[1] === b.shape[0];
    const hint = turned ? ', and see whether the EXIF orientation of one is missing or wrong' : '';
    throw new ShapeError(
      `"${pair.a}" has ${size(a)} pixels and "${pair.b}" ${size(b)}; a pair must have one size: register the two images${hint}`,
    );
  }
  return { a, b };
}

function readSource(path: string, range: ValueRange | undefined): Promise<SourcePicture> {
  return range === undefined ? readPicture(path) : readScaledPicture(path, range);
}
