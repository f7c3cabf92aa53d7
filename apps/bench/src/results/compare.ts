import {
  bootstrapMeans,
  holm,
  mean,
  percentileInterval,
  type SignedRankTest,
  wilcoxonSignedRank,
} from '@refusion/statistics';
import {
  type ByMetric,
  type Comparison,
  type MethodResults,
  type MetricInfo,
  ofMetric,
  STATISTICS,
} from './results.js';

/** Two methods, by their places in the list. */
type Two = readonly [first: number, second: number];

/**
 * Compares every two methods by every metric.
 * @param means the bootstrap distributions of each method's means, from resamples of the same pairs
 */
export function compareMethods(
  methods: readonly MethodResults[],
  means: readonly ByMetric<Float64Array>[],
  metrics: readonly MetricInfo[],
): Comparison[] {
  const twos = methods.flatMap((_, second) =>
    methods.slice(0, second).map((_, first): Two => [first, second]),
  );
  return metrics.flatMap((metric) => {
    const best = bestOf(methods, metric);
    const raw = twos.map((two) => compare(methods, means, { metric: metric.id, two }));
    const pValues = raw.map(({ pValue }) => pValue);
    const allPairs = holm(pValues);
    const withBest = holm(pValues.map((p, index) => (twos[index]?.includes(best) ? p : Number.NaN)));
    return raw.map(
      ({ statistic, distribution, pValue, ...comparison }, index): Comparison => ({
        ...comparison,
        test: {
          statistic,
          distribution,
          pValue,
          holmAllPairs: allPairs[index] as number,
          holmBest: twos[index]?.includes(best) ? (withBest[index] as number) : null,
        },
      }),
    );
  });
}

/**
 * The place of the method with the best mean by a metric, the first of several: the one whose comparisons have a `holmBest`.
 * -1 where no mean is a number.
 */
export function bestOf(
  methods: readonly Pick<MethodResults, 'summary'>[],
  { id, better }: MetricInfo,
): number {
  const means = methods.map(({ summary }) => ofMetric(summary, id).mean);
  const numbers = means.filter((value) => !Number.isNaN(value));
  return means.indexOf(better === 'higher' ? Math.max(...numbers) : Math.min(...numbers));
}

type RawComparison = Omit<Comparison, 'test'> & Omit<SignedRankTest, 'count'>;

function compare(
  methods: readonly MethodResults[],
  means: readonly ByMetric<Float64Array>[],
  { metric, two }: { metric: string; two: Two },
): RawComparison {
  const [p, q] = two.map((place) => methods[place] as MethodResults) as [MethodResults, MethodResults];
  const [x, y] = [ofMetric(p.scores, metric), ofMetric(q.scores, metric)];
  const differences = x.map((value, index) => value - (y[index] as number));
  const finite = differences.flatMap((difference, index) => (Number.isFinite(difference) ? [index] : []));
  const distribution =
    finite.length === x.length
      ? differenceOf(two.map((place) => ofMetric(means[place] as ByMetric<Float64Array>, metric)))
      : (bootstrapMeans([differences], STATISTICS)[0] as Float64Array);
  const { count: _, ...test } = wilcoxonSignedRank(
    finite.map((index) => x[index] as number),
    finite.map((index) => y[index] as number),
  );
  return {
    metric,
    methods: [p.name, q.name],
    count: finite.length,
    difference: mean(finite.map((index) => differences[index] as number)),
    interval: finite.length > 1 ? percentileInterval(distribution) : [Number.NaN, Number.NaN],
    ...test,
  };
}

/** The means are over the same pairs, so that their difference is the mean difference. */
function differenceOf([first, second]: readonly Float64Array[]): Float64Array {
  return (first as Float64Array).map((value, index) => value - ((second as Float64Array)[index] as number));
}
