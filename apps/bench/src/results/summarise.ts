import {
  averageRanks,
  bootstrapMeans,
  mean,
  median,
  percentileInterval,
  sampleDeviation,
} from '@refusion/statistics';
import { compareMethods } from './compare.js';
import {
  type ByMetric,
  type DataSetResults,
  isWhole,
  type MethodResults,
  type MetricInfo,
  ofMetric,
  type ScoredPair,
  STATISTICS,
  type Summary,
} from './results.js';

/** A method's scores before anything is made of them. */
export interface MethodScores {
  readonly name: string;
  /** The fused picture of each pair. */
  readonly fused: readonly string[];
  readonly stamps?: readonly string[] | undefined;
  /** For each pair its scores, in the order of the metrics. */
  readonly values: readonly (readonly number[])[];
}

/** A data set that has been scored. */
export interface ScoredDataSet {
  readonly name: string;
  readonly pairs: readonly ScoredPair[];
  /** Each over all pairs. */
  readonly methods: readonly MethodScores[];
  readonly notes: readonly string[];
}

/** The summaries, ranks and comparisons of methods on a data set. It depends on nothing but the scores. */
export function summarise(
  { name, pairs, methods, notes }: ScoredDataSet,
  metrics: readonly MetricInfo[],
): DataSetResults {
  const scores = methods.map(({ values }) => columnsOf(values, metrics));
  // One call, so that the same pairs are drawn for every method and metric.
  const distributions = bootstrapMeans(scores.flatMap(Object.values), STATISTICS);
  const means = methods.map((_, index) =>
    byMetric(metrics, (_id, column) => distributions[index * metrics.length + column] as Float64Array),
  );
  const summaries = scores.map((columns, index) =>
    byMetric(metrics, (id) =>
      summaryOf(ofMetric(columns, id), ofMetric(means[index] as ByMetric<Float64Array>, id)),
    ),
  );
  const ranks = meanRanks(summaries, metrics, pairs.length);
  const results = methods.map(
    ({ name: method, fused, stamps }, index): MethodResults => ({
      name: method,
      fused,
      ...(stamps ? { stamps } : {}),
      scores: scores[index] as ByMetric<number[]>,
      summary: summaries[index] as ByMetric<Summary>,
      meanRank: ranks?.[index] ?? null,
    }),
  );
  return { name, pairs, methods: results, comparisons: compareMethods(results, means, metrics), notes };
}

function byMetric<V>(metrics: readonly MetricInfo[], make: (id: string, column: number) => V): ByMetric<V> {
  return Object.fromEntries(metrics.map(({ id }, column) => [id, make(id, column)]));
}

function columnsOf(
  rows: readonly (readonly number[])[],
  metrics: readonly MetricInfo[],
): ByMetric<readonly number[]> {
  return byMetric(metrics, (_, column) => rows.map((row) => row[column] as number));
}

function summaryOf(values: readonly number[], means: Float64Array): Summary {
  const [first = Number.NaN] = values;
  if (Math.abs(first) === Number.POSITIVE_INFINITY && values.every((value) => value === first)) {
    return { count: 0, mean: first, sd: Number.NaN, median: first, interval: [first, first] };
  }
  const finite = values.filter(Number.isFinite);
  return {
    count: finite.length,
    mean: mean(finite),
    sd: sampleDeviation(finite),
    median: median(finite),
    // Of one value all resamples are the same, which says nothing about the mean.
    interval: finite.length > 1 ? percentileInterval(means) : [Number.NaN, Number.NaN],
  };
}

/** Null where there is one method, or no metric by which all can be ranked. */
function meanRanks(
  summaries: readonly ByMetric<Summary>[],
  metrics: readonly MetricInfo[],
  pairs: number,
): number[] | null {
  const ranked = metrics.filter(({ id }) =>
    summaries.every((summary) => isWhole(ofMetric(summary, id), pairs)),
  );
  if (summaries.length < 2 || ranked.length === 0) return null;
  const ranks = ranked.map(({ id, better }) => {
    const sign = better === 'higher' ? -1 : 1;
    return averageRanks(summaries.map((summary) => sign * ofMetric(summary, id).mean));
  });
  return summaries.map((_, index) => mean(ranks.map((each) => each[index] as number)));
}
