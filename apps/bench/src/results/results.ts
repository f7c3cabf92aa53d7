import type { Convention, Metric } from '@refusion/metrics';

/**
 * What scoring found out: the numbers, and all that is needed to read them. `bench metrics` and `bench run` write it as
 * JSON (`resultsText`), `bench report` and others read that back (`readResults`).
 */
export interface Results {
  /** Whose definitions the metrics have. */
  readonly convention: Convention;
  /** In the order of tables. */
  readonly metrics: readonly MetricInfo[];
  readonly dataSets: readonly DataSetResults[];
  /** What a reader must know of the data sets that are not there: a sentence for each that was left out. */
  readonly notes: readonly string[];
}

/** A metric as its descriptor says, without the function. */
export type MetricInfo = Omit<Metric, 'compute'>;

/** The scores of methods on one data set. All are over the same pairs, so that their means compare. */
export interface DataSetResults {
  readonly name: string;
  /** The pairs that were scored, in the order of their stems. */
  readonly pairs: readonly ScoredPair[];
  /** In the order in which they were named. */
  readonly methods: readonly MethodResults[];
  /** Every two methods by every metric; none where there is one method. */
  readonly comparisons: readonly Comparison[];
  /** What a reader of the numbers must know: who was left out, what the means are over. Whole sentences. */
  readonly notes: readonly string[];
}

/** A pair, and the files that it was read from. */
export interface ScoredPair {
  readonly stem: string;
  readonly a: string;
  readonly b: string;
  readonly truth?: string | undefined;
  /** The stamps of these files when they were scored (`stampOf`). */
  readonly stamps?: Stamps | undefined;
}

/** Sizes and times of files. */
export interface Stamps {
  readonly a: string;
  readonly b: string;
  readonly truth?: string | undefined;
}

export interface MethodResults {
  readonly name: string;
  /** The fused picture of each pair, in the order of the pairs. */
  readonly fused: readonly string[];
  /** The stamps of these files when they were scored, in the same order. */
  readonly stamps?: readonly string[] | undefined;
  /** By the metric's id: the score of each pair, in their order. NaN and infinite where a metric gives that. */
  readonly scores: ByMetric<readonly number[]>;
  /** By the metric's id. */
  readonly summary: ByMetric<Summary>;
  /**
   * The mean over the metrics of the method's rank among the methods (1 for the best mean, equal means share the mean of
   * their ranks), over the metrics whose means are all over every pair; null where there is nothing to rank.
   */
  readonly meanRank: number | null;
}

/** Something for each metric, by its id. */
export type ByMetric<V> = Readonly<Record<string, V>>;

/** The finite scores of a method by one metric. */
export interface Summary {
  /** How many there are. */
  readonly count: number;
  /** Where every score is Infinity, or every one -Infinity, that, as are the median and the interval; NaN of no score else. */
  readonly mean: number;
  /** The sample standard deviation, with the divisor count - 1. */
  readonly sd: number;
  readonly median: number;
  /** The 95 % percentile bootstrap interval of the mean. */
  readonly interval: readonly [low: number, high: number];
}

/** Two methods by one metric, over the pairs where both scores are finite; of none, its numbers are NaN. */
export interface Comparison {
  readonly metric: string;
  readonly methods: readonly [string, string];
  readonly count: number;
  /** The mean of the first method's scores minus the second's. */
  readonly difference: number;
  /** The 95 % percentile bootstrap interval of the mean difference; the pairs are resampled together. */
  readonly interval: readonly [low: number, high: number];
  /** The Wilcoxon signed-rank test: two-sided, zero differences discarded. */
  readonly test: {
    readonly statistic: number;
    readonly distribution: 'exact' | 'normal';
    readonly pValue: number;
    /** Corrected by Holm's method over all comparisons by this metric on this data set. */
    readonly holmAllPairs: number;
    /**
     * Corrected over the comparisons of the method with the best mean with each other method; null in other
     * comparisons. Tests that could not be made, whose p-value is NaN, count for nothing.
     */
    readonly holmBest: number | null;
  };
}

/** How the numbers of a summary and a comparison are made; the JSON file repeats it. */
export const STATISTICS = {
  sd: 'sample standard deviation, divisor n - 1',
  interval: '95 % percentile bootstrap interval of the mean, pairs resampled together',
  resamples: 10_000,
  seed: 1,
  test: 'Wilcoxon signed-rank, two-sided, zero differences discarded, exact for at most 50, ties among them too',
  correction:
    'Holm, by one metric on one data set: holmAllPairs over every two methods, holmBest over the best method with each other',
} as const;

/** Whether a mean stands for every image, so that it compares with that of another method. */
export function isWhole({ count, mean }: Summary, pairs: number): boolean {
  return count === pairs || Math.abs(mean) === Number.POSITIVE_INFINITY;
}

/**
 * What a method has for a metric.
 * @throws Error if it has nothing, which the reader of results rules out.
 */
export function ofMetric<V>(values: ByMetric<V>, id: string): V {
  const value = values[id];
  if (value === undefined) throw new Error(`no ${id} among ${Object.keys(values)}`);
  return value;
}
