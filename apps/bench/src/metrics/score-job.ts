import { FileError, RefusionError, ShapeError, sameShape } from '@refusion/core';
import { readPair } from '@refusion/data/node';
import { type Picture, roundedLuminance } from '@refusion/image-io';
import { readPicture } from '@refusion/image-io/node';
import { type Convention, type MetricId, scoreTriplet } from '@refusion/metrics';
import type { ScoredPair } from '../results/results.js';
import { type Sized, sizeDifference, sizeText } from './size-difference.js';

/** The fused pictures of one pair, to be scored by one worker: the sources are decoded once. */
export interface Job {
  readonly pair: ScoredPair;
  readonly fused: readonly string[];
  readonly convention: Convention;
  readonly metrics: readonly MetricId[];
}

/** What came of a job: plain data, since it passes between threads. */
export type Outcome =
  | { readonly scores: readonly FusedOutcome[] }
  /** The sentence of an error; the sources themselves cannot be used. */
  | { readonly sourceError: string };

/** The scores of a fused picture in the order of the metrics, or the sentence that says why there are none. */
export type FusedOutcome = { readonly values: readonly number[] } | { readonly error: string };

/** The pictures that fused ones are compared with, as the metrics see them: gray `[H, W]`, 0..255. */
interface Sources {
  readonly a: Picture;
  readonly b: Picture;
  readonly truth?: Picture | undefined;
}

/** Reads and scores. Whatever the user can mend is in the outcome; a bug is thrown. */
export async function scoreJob({ pair, fused, convention, metrics }: Job): Promise<Outcome> {
  const sources = await orSentence(() => readSources(pair));
  if (typeof sources === 'string') return { sourceError: sources };
  const scores: FusedOutcome[] = [];
  for (const path of fused) {
    const values = await orSentence(() => scoreFused(path, { pair, sources, convention, metrics }));
    scores.push(typeof values === 'string' ? { error: values } : { values });
  }
  return { scores };
}

async function orSentence<V>(work: () => Promise<V>): Promise<V | string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RefusionError) return error.message;
    throw error;
  }
}

/** @throws FileError if one is not a picture; ShapeError, naming both, if they differ in size */
async function readSources(pair: ScoredPair): Promise<Sources> {
  const [{ a, b }, truth] = await Promise.all([readPair(pair), pair.truth && readPicture(pair.truth)]);
  if (truth) expectSize(truth, a, { path: pair.truth as string, source: pair.a, what: 'truth' });
  return {
    a: roundedLuminance(a),
    b: roundedLuminance(b),
    truth: truth ? roundedLuminance(truth) : undefined,
  };
}

interface FusedWork extends Omit<Job, 'fused'> {
  readonly sources: Sources;
}

/** @throws FileError if it is not a picture or is too small for a metric; ShapeError if it differs in size */
async function scoreFused(
  path: string,
  { pair, sources, convention, metrics }: FusedWork,
): Promise<number[]> {
  const fused = roundedLuminance(await readPicture(path));
  expectSize(fused, sources.a, { path, source: pair.a, what: 'fused picture' });
  try {
    const scores = scoreTriplet({ fused, ...sources }, { convention, metrics });
    return metrics.map((id) => scores[id]);
  } catch (error) {
    if (!(error instanceof RefusionError)) throw error;
    throw new FileError(`"${path}" cannot be scored: ${error.message}`, { cause: error });
  }
}

/** @throws ShapeError unless a picture has the size of its sources */
function expectSize(
  picture: Sized,
  like: Sized,
  { path, source, what }: { path: string; source: string; what: string },
): void {
  const [size, wanted] = [picture, like].map(({ shape }) => shape.slice(0, 2)) as [number[], number[]];
  if (sameShape(size, wanted)) return;
  throw new ShapeError(
    `"${path}" has ${sizeText(picture)} pixels and its source "${source}" ${sizeText(like)} (${sizeDifference(picture, like)}); a ${what} must have the size of its sources`,
  );
}
