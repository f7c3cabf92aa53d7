import { rng } from '@refusion/core';
import { expect, it } from 'vitest';
import { compareMethods } from './compare.js';
import type { DataSetResults, MethodResults, MetricInfo } from './results.js';
import { differenceFromBest } from './significance.js';

const METHODS = 10;
const IMAGES = 25;
const STUDIES = 400;
const metric = { id: 'EN', better: 'higher' } as MetricInfo;

/** A study of methods that do not differ: their scores of every image are drawn alike. */
function studyOfEquals(draw: () => number): DataSetResults {
  const methods = Array.from({ length: METHODS }, (_, i) => {
    const scores = Array.from({ length: IMAGES }, draw);
    const mean = scores.reduce((sum, score) => sum + score, 0) / IMAGES;
    return { name: `m${i}`, scores: { EN: scores }, summary: { EN: { mean } } } as unknown as MethodResults;
  });
  const means = methods.map(() => ({ EN: new Float64Array(2) }));
  return { methods, comparisons: compareMethods(methods, means, [metric]) } as unknown as DataSetResults;
}

it('calls one of ten equal methods worse in at most 5 of 100 studies', () => {
  const random = rng(3);
  const studies = Array.from({ length: STUDIES }, () => studyOfEquals(() => random.uniform()));
  const wrong = studies.filter((study) =>
    study.methods.some((_, place) => differenceFromBest(study, metric, place) === 'significant'),
  );
  // Over the comparisons with the best alone it is 71 of these 400, for that family is chosen by the scores themselves.
  expect(wrong.length).toBeLessThanOrEqual(0.05 * STUDIES);
});
