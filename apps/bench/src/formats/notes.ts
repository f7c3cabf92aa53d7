import { type DataSetResults, ofMetric, type Results } from '../results/results.js';

/** What the reader of a data set's means must know, a sentence each. */
export function notesOf({ methods, pairs, notes }: DataSetResults, { metrics }: Results): string[] {
  const partial = methods.flatMap(({ name, summary }) =>
    metrics.flatMap(({ id }) => {
      const { count } = ofMetric(summary, id);
      return count === pairs.length
        ? []
        : [`${id} of ${name}: the mean is over ${count} of ${pairs.length} images, no other is finite.`];
    }),
  );
  return [...notes, ...partial];
}

/** What rows of `--stats` are. */
export const STATS_LEGEND =
  'sd: sample standard deviation; 95 %: percentile bootstrap interval of the mean (10,000 resamples of the images, the same for all)';
