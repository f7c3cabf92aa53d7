import { bestOf } from '../results/compare.js';
import type { Comparison, DataSetResults, Results } from '../results/results.js';
import { comparisonsWithBest } from '../results/significance.js';
import { scoreText } from '../results/standings.js';
import { pText } from './notes.js';

export const TESTS_HEAD = [
  'metric',
  'best',
  'against',
  'difference',
  '95 % from',
  '95 % to',
  'p',
  'p (Holm, best)',
  'p (Holm, all)',
];

/** How many columns of the head are names; the others are numbers. */
export const TESTS_NAMES = 3;

export const TESTS_LEGEND =
  'p: Wilcoxon signed-rank test over the images, two-sided; Holm: corrected over the comparisons by one metric, of the best method with the others (best) or of every two methods (all)';

/** The comparisons of the best method of each metric with the others. */
export function testRows(dataSet: DataSetResults, { metrics }: Results, digits: number): string[][] {
  return metrics.flatMap((metric) => {
    const best = dataSet.methods[bestOf(dataSet.methods, metric)]?.name;
    return comparisonsWithBest(dataSet, metric.id).map((comparison) => testRow(comparison, best, digits));
  });
}

function testRow(
  { metric, methods, difference, interval, test }: Comparison,
  best: string | undefined,
  digits: number,
): string[] {
  const isFirst = methods[0] === best;
  const against = isFirst ? methods[1] : methods[0];
  const numbers = isFirst ? [difference, ...interval] : [-difference, -interval[1], -interval[0]];
  const texts = numbers.map((value) => scoreText(value, digits));
  const { pValue, holmBest, holmAllPairs } = test;
  return [
    metric,
    best ?? '',
    against,
    ...texts,
    ...[pValue, holmBest ?? Number.NaN, holmAllPairs].map(pText),
  ];
}
