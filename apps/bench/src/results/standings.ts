import { type DataSetResults, isWhole, type MetricInfo, ofMetric } from './results.js';

/** How a mean stands among those of the other methods. */
export type Standing = 'best' | 'second' | null;

/** A score as tables print it. */
export function scoreText(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : String(value);
}

/**
 * How each method's mean stands by a metric, as printed: means that look equal are equally good, so several may be best. None
 * stands out where there is nothing to compare: one method alone, or means that are not all over every pair. Of two
 * methods the worse is not called second.
 */
export function standingsOf(
  { methods, pairs }: DataSetResults,
  { id, better }: MetricInfo,
  digits: number,
): Standing[] {
  const summaries = methods.map(({ summary }) => ofMetric(summary, id));
  const complete = summaries.every((summary) => isWhole(summary, pairs.length));
  if (methods.length < 2 || !complete) return methods.map(() => null);
  const sign = better === 'higher' ? -1 : 1;
  const means = summaries.map(({ mean }) => mean);
  const texts = means.map((mean) => scoreText(mean, digits));
  // The difference of two infinite means is no number.
  const order = [
    ...new Set(
      means.toSorted((p, q) => (p === q ? 0 : sign * (p - q))).map((mean) => scoreText(mean, digits)),
    ),
  ];
  const second = methods.length > 2 ? order[1] : undefined;
  return texts.map((text) => (text === order[0] ? 'best' : text === second ? 'second' : null));
}
