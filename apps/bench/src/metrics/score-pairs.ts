import type { Convention, MetricId } from '@refusion/metrics';
import type { ScoredPair } from '../results/results.js';
import type { Files } from './find-files.js';
import { type Journal, journalKey } from './journal.js';
import type { FusedOutcome } from './score-job.js';
import type { Scorer } from './scorer.js';

/** What came of a pair. */
export type PairOutcome =
  /** For each method; null where it has no picture. */
  { readonly scores: readonly (FusedOutcome | null)[] } | { readonly sourceError: string };

/** How pairs are scored. */
export interface Scoring {
  readonly convention: Convention;
  readonly metrics: readonly MetricId[];
  readonly scorer: Scorer;
  /** Where scores are kept as soon as they are known, and looked up before. */
  readonly journal: Journal | null;
}

/**
 * Scores the pictures of all methods, a few pairs at a time.
 * @param onPair called with the outcome of each pair, in the order of the pairs
 */
export async function scorePairs(
  { pairs, methods }: Files,
  scoring: Scoring,
  onPair: (pair: ScoredPair, outcome: PairOutcome) => void,
): Promise<PairOutcome[]> {
  const outcomes: PairOutcome[] = [];
  let told = 0;
  const queue = pairs.entries();
  const lane = async (): Promise<void> => {
    for (const [index, pair] of queue) {
      const fused = methods.map((method) => method.fused[index] ?? null);
      outcomes[index] = await scorePair(pair, fused, scoring);
      for (let done = outcomes[told]; done; done = outcomes[told]) {
        onPair(pairs[told] as ScoredPair, done);
        told++;
      }
    }
  };
  await Promise.all(Array.from({ length: scoring.scorer.lanes }, lane));
  return outcomes;
}

/** Takes from the journal what it knows, and scores the rest as one job. */
async function scorePair(
  pair: ScoredPair,
  fused: readonly (string | null)[],
  { convention, metrics, scorer, journal }: Scoring,
): Promise<PairOutcome> {
  const scores = fused.map((): FusedOutcome | null => null);
  const keys = new Map<number, string>();
  if (journal) {
    for (const [method, path] of fused.entries()) {
      if (path === null) continue;
      const key = await journalKey({ pair, fused: path, convention });
      keys.set(method, key);
      const values = journal.find(key, metrics);
      if (values) scores[method] = { values };
    }
  }
  const open = fused.flatMap((path, method) => (path !== null && !scores[method] ? [{ path, method }] : []));
  if (open.length === 0 && fused.some((path) => path !== null)) return { scores };
  const outcome = await scorer.score({ pair, fused: open.map(({ path }) => path), convention, metrics });
  if ('sourceError' in outcome) return outcome;
  for (const [index, { method }] of open.entries()) {
    const found = outcome.scores[index] as FusedOutcome;
    scores[method] = found;
    const key = keys.get(method);
    if (journal && key !== undefined && 'values' in found) await journal.add(key, metrics, found.values);
  }
  return { scores };
}
