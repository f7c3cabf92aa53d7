import { holm, leastSignedRankP } from '@refusion/statistics';
import { bestOf } from './compare.js';
import type { Comparison, DataSetResults, MetricInfo } from './results.js';

/** From this corrected p-value up a difference may be chance. */
export const LEVEL = 0.05;

/** The comparisons of the method with the best mean by a metric with the others, as far as they could be made. */
export function comparisonsWithBest({ comparisons }: DataSetResults, metric: string): Comparison[] {
  return comparisons.filter(
    ({ metric: id, count, test }) => id === metric && count > 0 && test.holmBest !== null,
  );
}

/**
 * All comparisons by a metric that could be made: the family over which differences are called significant. Which method is
 * best is known only from the same scores, so the comparisons with it alone are no family that Holm's correction holds for:
 * of ten equal methods it would call one worse in more than 10 of 100 studies, at a level of 5.
 */
function allComparisons({ comparisons }: DataSetResults, metric: string): Comparison[] {
  return comparisons.filter(({ metric: id, count }) => id === metric && count > 0);
}

/** Metrics by which no method can be told from the best, however much they differ: there are too few images. */
export interface TooFew {
  readonly metrics: readonly string[];
  /** Over how many images they are compared, and the least p-value that is possible then, after Holm's correction. */
  readonly images: number;
  readonly leastP: number;
}

/** Grouped by the number of images. */
export function tooFewImages(dataSet: DataSetResults, metrics: readonly MetricInfo[]): TooFew[] {
  const groups = new Map<string, TooFew>();
  for (const { id } of metrics) {
    const family = allComparisons(dataSet, id);
    const least = holm(family.map(({ count }) => leastSignedRankP(count)));
    const leastP = Math.min(...least);
    if (family.length === 0 || leastP < LEVEL) continue;
    const images = Math.max(...family.map(({ count }) => count));
    const key = `${images} ${leastP}`;
    groups.set(key, { images, leastP, metrics: [...(groups.get(key)?.metrics ?? []), id] });
  }
  return [...groups.values()];
}

/** The place of a method in comparison with the best one by a metric. */
export type Difference = 'best' | 'significant' | 'chance' | 'unknown';

/** Whether a method is the best by a metric, significantly different from it, perhaps by chance, or this cannot be told. */
export function differenceFromBest(dataSet: DataSetResults, metric: MetricInfo, place: number): Difference {
  const { methods } = dataSet;
  const best = bestOf(methods, metric);
  if (best === place) return 'best';
  const family = allComparisons(dataSet, metric.id);
  const names = [methods[best]?.name, methods[place]?.name];
  const index = family.findIndex((each) => each.methods.every((name) => names.includes(name)));
  const p = family[index]?.test.holmAllPairs ?? Number.NaN;
  if (p < LEVEL) return 'significant';
  const least = holm(family.map(({ count }) => leastSignedRankP(count)))[index] ?? Number.NaN;
  return least < LEVEL ? 'chance' : 'unknown';
}
