import { someNames } from '../metrics/some-names.js';
import {
  type DataSetResults,
  type MetricInfo,
  ofMetric,
  type Results,
  type Summary,
} from '../results/results.js';
import { tooFewImages } from '../results/significance.js';

/** What the reader of a data set's means must know, a sentence each. */
export function notesOf({ methods, pairs, notes }: DataSetResults, { metrics }: Results): string[] {
  const partial = methods.flatMap(({ name, summary }) =>
    metrics.flatMap(({ id }) => meanNote(`${id} of ${name}`, ofMetric(summary, id), pairs.length)),
  );
  return [...notes, ...partial];
}

function meanNote(what: string, { count, mean }: Summary, pairs: number): string[] {
  if (count === pairs) return [];
  if (Math.abs(mean) === Number.POSITIVE_INFINITY) return [`${what} is ${mean} for every image.`];
  return [`${what}: the mean is over ${count} of ${pairs} images, no other is finite.`];
}

/** What is to be known of the tests: which could not be made, and where there are too few images for any. */
export function testNotes(dataSet: DataSetResults, metrics: readonly MetricInfo[]): string[] {
  const tooFew = tooFewImages(dataSet, metrics).map(
    ({ metrics: ids, images, leastP }) =>
      `Too few images to tell by a test whether a method is better by ${ids.join(', ')}: over ${images} of them an exact p is at least ${pText(leastP)} after Holm's correction, however much the methods differ.`,
  );
  return [...metrics.flatMap(({ id }) => nothingInCommon(dataSet, id)), ...tooFew];
}

function nothingInCommon({ comparisons }: DataSetResults, metric: string): string[] {
  const empty = comparisons.filter(({ metric: id, count }) => id === metric && count === 0);
  if (empty.length === 0) return [];
  const names = someNames(empty.map(({ methods }) => methods.join(' and ')));
  return [`${metric} of ${names}: not compared, for no image has a finite score of both.`];
}

/** A p-value with two significant digits. */
export function pText(value: number): string {
  if (Number.isNaN(value)) return '–';
  return value < 0.0001 ? value.toExponential(1) : value.toPrecision(2);
}

/** What rows of `--stats` are. */
export const STATS_LEGEND =
  'sd: sample standard deviation; 95 %: percentile bootstrap interval of the mean (10,000 resamples of the images, the same for all)';
