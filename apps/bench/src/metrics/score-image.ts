import { FileError, RefusionError, ShapeError, sameShape } from '@refusion/core';
import { type Pair, readPair } from '@refusion/data/node';
import { type Picture, roundedLuminance } from '@refusion/image-io';
import { readPicture } from '@refusion/image-io/node';
import { type Convention, type Metric, type MetricId, scoreTriplet } from '@refusion/metrics';

/** The sources of a fused image as the metrics see them: gray `[H, W]`, 0..255. */
export interface GraySources {
  readonly pair: Pair;
  readonly a: Picture;
  readonly b: Picture;
}

/** Which numbers are wanted. */
export interface Scoring {
  readonly convention: Convention;
  readonly metrics: readonly Metric<MetricId>[];
}

/** @throws FileError if one is not a picture; ShapeError, naming both, if they differ in size */
export async function readSources(pair: Pair): Promise<GraySources> {
  const { a, b } = await readPair(pair);
  return { pair, a: roundedLuminance(a), b: roundedLuminance(b) };
}

/**
 * The scores of a fused image, in the order of the metrics.
 * @throws FileError if it is not a picture or is too small for a metric; ShapeError if it differs in size from its
 * sources
 */
export async function scoreImage(path: string, sources: GraySources, scoring: Scoring): Promise<number[]> {
  const { pair, a, b } = sources;
  const fused = roundedLuminance(await readPicture(path));
  if (!sameShape(fused.shape, a.shape)) {
    throw new ShapeError(
      `"${path}" has ${sizeText(fused)} pixels and its source "${pair.a}" ${sizeText(a)}; a fused picture must have the size of its sources`,
    );
  }
  const ids = scoring.metrics.map(({ id }) => id);
  try {
    const scores = scoreTriplet({ fused, a, b }, { convention: scoring.convention, metrics: ids });
    return ids.map((id) => scores[id]);
  } catch (error) {
    if (!(error instanceof RefusionError)) throw error;
    throw new FileError(`"${path}" cannot be scored: ${error.message}`, { cause: error });
  }
}

function sizeText({ shape: [height, width] }: Picture): string {
  return `${width}x${height}`;
}
