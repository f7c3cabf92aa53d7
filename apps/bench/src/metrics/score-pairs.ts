import type { Convention, MetricId } from '@refusion/metrics';
import type { ScoredPair, Stamps } from '../results/results.js';
import { stampOf } from '../stamp.js';
import type { Files } from './find-files.js';
import { type Journal, journalKey } from './journal.js';
import type { FusedOutcome } from './score-job.js';
import type { Scorer } from './scorer.js';

/** What came of a pair. */
export type PairOutcome = PairScores | { readonly sourceError: string };

export interface PairScores {
  /** For each method; null where it has no picture. */
  readonly scores: readonly (FusedOutcome | null)[];
  /** Of the sources, and of the fused picture of each method, before they were read; null where a file is not there. */
  readonly stamps: { readonly pair: Stamps | null; readonly fused: readonly (string | null)[] };
}

/** How pairs are scored. */
export interface Scoring {
  readonly convention: Convention;
  readonly metrics: readonly MetricId[];
  readonly scorer: Scorer;
  /** Where scores are kept as soon as they are known, and looked up before. */
  readonly journal: Journal | null;
}

/** A pair, and the fused picture of each method; null where there is none. */
export interface PairToScore {
  readonly pair: ScoredPair;
  readonly fused: readonly (string | null)[];
}

/** The pairs of a data set, with the pictures of its methods. */
export function pairsToScore({ pairs, methods }: Files): PairToScore[] {
  return pairs.map((pair, index) => ({ pair, fused: methods.map((method) => method.fused[index] ?? null) }));
}

/**
 * Scores the pictures of all methods, a few pairs at a time.
 * @param onPair called with the place and the outcome of each pair, in their order
 */
export async function scorePairs(
  pairs: readonly PairToScore[],
  scoring: Scoring,
  onPair: (index: number, outcome: PairOutcome) => void,
): Promise<PairOutcome[]> {
  const outcomes: PairOutcome[] = [];
  let told = 0;
  const queue = pairs.entries();
  const lane = async (): Promise<void> => {
    for (const [index, { pair, fused }] of queue) {
      // The last pairs are several jobs, so that no thread is left alone with one that is long.
      const atOnce = pairs.length - index > scoring.scorer.lanes ? fused.length : 1;
      outcomes[index] = await scorePair(pair, fused, { ...scoring, atOnce });
      for (let done = outcomes[told]; done; done = outcomes[told]) onPair(told++, done);
    }
  };
  await Promise.all(Array.from({ length: scoring.scorer.lanes }, lane));
  return outcomes;
}

interface PairScoring extends Scoring {
  /** How many fused pictures are one job. */
  readonly atOnce: number;
}

/** A fused picture to be scored. */
interface Picture {
  /** The place of its method. */
  readonly method: number;
  readonly path: string;
  /** What the journal knows it by; null where there is no journal. */
  readonly key: string | null;
}

/** Takes from the journal what it knows, and scores the rest. */
async function scorePair(
  pair: ScoredPair,
  fused: readonly (string | null)[],
  scoring: PairScoring,
): Promise<PairOutcome> {
  const { journal, metrics, convention, atOnce } = scoring;
  const stamps = {
    pair: await stampsOf(pair),
    fused: await Promise.all(fused.map((path) => path && stampOf(path))),
  };
  const scores = fused.map((): FusedOutcome | null => null);
  const open: Picture[] = [];
  for (const [method, path] of fused.entries()) {
    if (path === null) continue;
    const key = journal && (await journalKey({ pair, fused: path, convention }));
    const values = journal && key && journal.find(key, metrics);
    if (values) scores[method] = { values };
    else open.push({ method, path, key });
  }
  // A pair of which nothing is to be scored is read all the same, unless the journal vouches for it.
  const jobs = open.length > 0 || scores.some((score) => score !== null) ? chunksOf(open, atOnce) : [[]];
  const errors = await Promise.all(jobs.map((job) => scorePictures(pair, job, { ...scoring, scores })));
  const sourceError = errors.find((error) => error !== null);
  return sourceError === undefined ? { scores, stamps } : { sourceError };
}

async function stampsOf(pair: ScoredPair): Promise<Stamps | null> {
  const [a, b, truth] = await Promise.all([pair.a, pair.b, pair.truth].map((path) => path && stampOf(path)));
  return a && b ? { a, b, ...(truth ? { truth } : {}) } : null;
}

function chunksOf<V>(items: readonly V[], size: number): V[][] {
  const starts = Array.from({ length: Math.ceil(items.length / size) }, (_, index) => index * size);
  return starts.map((start) => items.slice(start, start + size));
}

/** One job. Puts each score where its method's is; returns the sentence if the sources cannot be used. */
async function scorePictures(
  pair: ScoredPair,
  pictures: readonly Picture[],
  { convention, metrics, scorer, journal, scores }: Scoring & { scores: (FusedOutcome | null)[] },
): Promise<string | null> {
  const fused = pictures.map(({ path }) => path);
  const outcome = await scorer.score({ pair, fused, convention, metrics });
  if ('sourceError' in outcome) return outcome.sourceError;
  for (const [index, { method, key }] of pictures.entries()) {
    const found = outcome.scores[index] as FusedOutcome;
    scores[method] = found;
    if (journal && key !== null && 'values' in found) await journal.add(key, metrics, found.values);
  }
  return null;
}
