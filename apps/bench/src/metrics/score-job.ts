import { RefusionError, ShapeError, sameShape } from '@refusion/core';
import { readPair } from '@refusion/data/node';
import { roundedLuminance, type SourcePicture } from '@refusion/image-io';
import { readPicture } from '@refusion/image-io/node';
import { type Convention, MetricError, type MetricId, preparedImage, scoreTriplet } from '@refusion/metrics';
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

/** The images that fused ones are compared with: gray `[H, W]`, 0..255, ready for the metrics of several fused ones. */
interface Sources {
  readonly a: Prepared;
  readonly b: Prepared;
  readonly truth?: Prepared | undefined;
}

type Prepared = ReturnType<typeof preparedImage>;

/** Reads and scores. Whatever the user can mend is in the outcome; a bug is thrown. */
export async function scoreJob({ pair, fused, convention, metrics }: Job): Promise<Outcome> {
  try {
    const sources = await readSources(pair);
    const scores: FusedOutcome[] = [];
    for (const path of fused) scores.push(await scoreFused(path, { pair, sources, convention, metrics }));
    return { scores };
  } catch (error) {
    if (error instanceof MetricError) return { sourceError: tooSmall(pair, error) };
    if (error instanceof RefusionError) return { sourceError: error.message };
    throw error;
  }
}

/** The size is that of the sources, and no method can be scored. */
function tooSmall({ a }: ScoredPair, { metric, reason }: MetricError): string {
  return `"${a}" cannot be scored by ${metric}: ${reason}; leave ${metric} out with --metrics, or the pair`;
}

/** @throws FileError if one is not a picture; ShapeError, naming both, if they differ in size */
async function readSources(pair: ScoredPair): Promise<Sources> {
  const [{ a, b }, truth] = await Promise.all([readPair(pair), pair.truth && readPicture(pair.truth)]);
  if (truth) expectSize(truth, a, { path: pair.truth as string, source: pair.a, what: 'truth' });
  const imageOf = (picture: SourcePicture) => preparedImage(roundedLuminance(picture));
  return { a: imageOf(a), b: imageOf(b), truth: truth ? imageOf(truth) : undefined };
}

interface FusedWork extends Omit<Job, 'fused'> {
  readonly sources: Sources;
}

/** @throws MetricError if the sources are too small for a metric, and with them every fused picture */
async function scoreFused(
  path: string,
  { pair, sources, convention, metrics }: FusedWork,
): Promise<FusedOutcome> {
  try {
    const fused = roundedLuminance(await readPicture(path));
    expectSize(fused, sources.a, { path, source: pair.a, what: 'fused picture' });
    const scores = scoreTriplet({ fused, ...sources }, { convention, metrics });
    return { values: metrics.map((id) => scores[id]) };
  } catch (error) {
    if (error instanceof RefusionError && !(error instanceof MetricError)) return { error: error.message };
    throw error;
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
