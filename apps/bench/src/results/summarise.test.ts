import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Comparison, DataSetResults } from './results.js';
import { resultsOf } from './test-results.js';

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

function dataSetOf(...args: Parameters<typeof resultsOf>): DataSetResults {
  const [dataSet] = resultsOf(...args).dataSets;
  if (!dataSet) throw new Error('one data set');
  return dataSet;
}

describe('the summary of a method', () => {
  it('leaves scores that are not finite out and says over how many images it is', () => {
    const [method] = dataSetOf({
      p: [
        [1, nan],
        [2, 5],
        [6, infinity],
      ],
    }).methods;
    // The sample standard deviation of 1, 2, 6 is sqrt(((-2)^2 + (-1)^2 + 3^2) / 2).
    expect(method?.summary['EN']).toMatchObject({ count: 3, mean: 3, sd: Math.sqrt(7), median: 2 });
    expect(method?.summary['SCD']).toEqual({ count: 1, mean: 5, sd: nan, median: 5, interval: [nan, nan] });
    expect(method?.scores).toEqual({ EN: [1, 2, 6], SCD: [nan, 5, infinity] });
  });

  it('has a number for everything but a mean of nothing', () => {
    const [method] = dataSetOf({ p: [[1, nan]] }).methods;
    expect(method?.summary['SCD']).toEqual({
      count: 0,
      mean: nan,
      sd: nan,
      median: nan,
      interval: [nan, nan],
    });
  });
});

describe('mean ranks', () => {
  const ranks = (dataSet: DataSetResults) => dataSet.methods.map(({ meanRank }) => meanRank);

  it('take the direction from the metric and share ties', () => {
    // EN: ranks 1, 2.5, 2.5; SCD: ranks 3, 1, 2.
    expect(ranks(dataSetOf({ p: [[9, 1]], q: [[5, 3]], r: [[5, 2]] }))).toEqual([2, 1.75, 2.25]);
  });

  it('are over the metrics that are complete', () => {
    expect(ranks(dataSetOf({ p: [[9, nan]], q: [[5, 3]] }))).toEqual([1, 2]);
    expect(ranks(dataSetOf({ p: [[9, 1]] }))).toEqual([null]);
  });
});

describe('comparisons', () => {
  const scipy = JSON.parse(
    readFileSync(new URL('../../../../fixtures/statistics/statistics.json', import.meta.url), 'utf8'),
  ).wilcoxon.find(({ name }: { name: string }) => name === '25 pairs') as {
    x: number[];
    y: number[];
    pValue: number;
    statistic: number;
  };
  const columns = (values: readonly number[]) => values.map((value) => [value, 1] as const);
  const of = ({ comparisons }: DataSetResults, metric: string): Comparison[] =>
    comparisons.filter((comparison) => comparison.metric === metric);

  it('are the tests of SciPy, corrected over the family', () => {
    const better = scipy.x.map((value, index) => value + 3 + index / 100);
    const dataSet = dataSetOf({ p: columns(scipy.x), q: columns(scipy.y), best: columns(better) });
    const [pq, pBest, qBest] = of(dataSet, 'EN');
    expect(pq?.methods).toEqual(['p', 'q']);
    expect(pq?.test.pValue).toBeCloseTo(scipy.pValue, 12);
    expect(pq?.test).toMatchObject({ statistic: scipy.statistic, distribution: 'exact', holmBest: null });
    // Every difference of `best` from `p` has one sign: 2 of 2^25 choices.
    expect(pBest?.test.pValue).toBe(2 / 2 ** 25);
    expect(pBest?.test.holmBest).toBe(2 * (2 / 2 ** 25));
    expect(pBest?.test.holmAllPairs).toBe(3 * (2 / 2 ** 25));
    expect(qBest?.test.holmBest).toBeGreaterThan(0);
    expect(pBest?.difference).toBeCloseTo(-3.12, 12);
  });

  it('give the interval of the mean difference, from pairs that are resampled together', () => {
    // A constant difference of images that differ a lot: the interval is that constant.
    const x = [1, 50, 7, 90];
    const dataSet = dataSetOf({ p: columns(x), q: columns(x.map((value) => value + 2)) });
    const [{ interval = [0, 0], count, difference } = {}] = of(dataSet, 'EN');
    expect([count, difference]).toEqual([4, -2]);
    for (const end of interval) expect(end).toBeCloseTo(-2, 12);
    expect(of(dataSet, 'SCD')[0]?.test.pValue).toBe(1);
  });

  it('are over the images where both are finite', () => {
    const dataSet = dataSetOf({
      p: [
        [1, nan],
        [1, 4],
        [1, 6],
      ],
      q: [
        [1, 2],
        [1, 1],
        [1, 1],
      ],
    });
    expect(of(dataSet, 'SCD')).toMatchObject([{ count: 2, difference: 4, interval: [3, 5] }]);
  });

  it('are none where there is one method', () => {
    expect(dataSetOf({ p: [[1, 2]] }).comparisons).toEqual([]);
  });
});
