import { bestOf } from '../results/compare.js';
import type { Comparison, DataSetResults, Results } from '../results/results.js';
import { scoreText } from '../results/standings.js';

export const TESTS_HEAD = [
  'metric',
  'best',
  'against',
  'difference',
  '95 % from',
  '95 % to',
  'p',
  'p (Holm)',
];

export const TESTS_LEGEND =
  'p: Wilcoxon signed-rank test over the images, two-sided; Holm: corrected over the comparisons by one metric';

/** The comparisons of the best method of each metric with the others. */
export function testRows(
  { comparisons, methods }: DataSetResults,
  { metrics }: Results,
  digits: number,
): string[][] {
  return metrics.flatMap((metric) => {
    const own = comparisons.filter(({ metric: id, test }) => id === metric.id && test.holmBest !== null);
    const best = methods[bestOf(methods, metric)]?.name;
    return own.map((comparison) => testRow(comparison, best, digits));
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
  return [metric, best ?? '', against, ...texts, pText(test.pValue), pText(test.holmBest as number)];
}

/** A p-value with two significant digits. */
export function pText(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value < 0.0001 ? value.toExponential(1) : value.toPrecision(2);
}
