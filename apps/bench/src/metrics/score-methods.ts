import { RefusionError } from '@refusion/core';
import type { Pair } from '@refusion/data/node';
import { type GraySources, readSources, type Scoring, scoreImage } from './score-image.js';
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
  /** An image of a method cannot be scored, or a pair's own sources cannot be used. */
  readonly onError: (about: string, error: RefusionError) => void;
}

/**
 * Scores methods over all pairs. A pair whose sources cannot be used is left out for every method. A method of which an
 * image cannot be scored is left out altogether: its means, over fewer images, would not compare with the others'.
 */
export async function scoreMethods(
  pairs: readonly Pair[],
  methods: readonly Method[],
  scoring: Scoring,
  { onPair, onError }: Listener,
): Promise<MethodScores[]> {
  const scored = methods.map((method) => ({ ...method, images: [] as ImageScores[] }));
  let usable = 0;
  for (const pair of pairs) {
    const sources = await sourcesOrNull(pair, onError);
    onPair();
    if (!sources) continue;
    usable++;
    for (const { name, fused, images } of scored) {
      try {
        const values = await scoreImage(fused(pair.stem), sources, scoring);
        images.push({ stem: pair.stem, values });
      } catch (error) {
        if (!(error instanceof RefusionError)) throw error;
        onError(name, error);
      }
    }
  }
  return scored
    .filter(({ images }) => images.length > 0 && images.length === usable)
    .map(({ name, images }) => methodScores(name, images));
}

async function sourcesOrNull(pair: Pair, onError: Listener['onError']): Promise<GraySources | null> {
  try {
    return await readSources(pair);
  } catch (error) {
    if (!(error instanceof RefusionError)) throw error;
    onError(pair.stem, error);
    return null;
  }
}
