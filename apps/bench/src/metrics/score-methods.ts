import { RefusionError } from '@refusion/core';
import type { Pair } from '@refusion/data/node';
import { readSources, type Scoring, scoreImage } from './score-image.js';
import { type ImageScores, type MethodScores, methodScores } from './scores.js';

/** A method, and where its fused image of each pair is. */
export interface Method {
  readonly name: string;
  readonly fused: (stem: string) => string;
}

/** Told how the scoring goes. */
export interface Listener {
  /** A pair has been scored for every method. */
  readonly onPair: () => void;
  /** An image of a method cannot be scored. */
  readonly onError: (method: string, error: RefusionError) => void;
}

/**
 * Scores methods over all pairs. A method of which an image cannot be scored is left out: its means, over fewer
 * images, would not compare with the others'.
 * @throws FileError if a source cannot be read; ShapeError if the two of a pair differ in size
 */
export async function scoreMethods(
  pairs: readonly Pair[],
  methods: readonly Method[],
  scoring: Scoring,
  { onPair, onError }: Listener,
): Promise<MethodScores[]> {
  const scored = methods.map((method) => ({ ...method, images: [] as ImageScores[] }));
  for (const pair of pairs) {
    const sources = await readSources(pair);
    for (const { name, fused, images } of scored) {
      try {
        const values = await scoreImage(fused(pair.stem), sources, scoring);
        images.push({ stem: pair.stem, values });
      } catch (error) {
        if (!(error instanceof RefusionError)) throw error;
        onError(name, error);
      }
    }
    onPair();
  }
  return scored
    .filter(({ images }) => images.length === pairs.length)
    .map(({ name, images }) => methodScores(name, images));
}
