import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bootstrapMeans, percentileInterval } from './bootstrap.js';
import { holm } from './holm.js';
import { averageRanks } from './ranks.js';
import { mean, median, sampleDeviation } from './summary.js';
import { type SignedRankTest, wilcoxonSignedRank } from './wilcoxon.js';

/** Values of SciPy, statsmodels and NumPy; fixtures/statistics/README.md says how they were made. */
interface Reference {
  readonly wilcoxon: readonly (SignedRankTest & { name: string; x: number[]; y: number[] })[];
  readonly holm: readonly { pValues: number[]; corrected: number[] }[];
  readonly ranks: readonly { values: number[]; ranks: number[] }[];
  readonly columns: readonly {
    readonly values: number[];
    readonly mean: number;
    readonly sampleDeviation: number;
    readonly median: number;
    readonly quantiles: [number, number];
    readonly interval: [number, number];
  }[];
}

const file = new URL('../../../fixtures/statistics/statistics.json', import.meta.url);
const reference: Reference = JSON.parse(readFileSync(file, 'utf8'));

/** Both sides sum the same float64 numbers in another order. */
function expectClose(actual: number, expected: number, tolerance = 1e-11): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance * Math.abs(expected));
}

describe('wilcoxonSignedRank agrees with scipy.stats.wilcoxon:', () => {
  it.each(reference.wilcoxon)('$name', ({ x, y, name: _, pValue, distribution, ...expected }) => {
    const { pValue: actual, distribution: ours, ...others } = wilcoxonSignedRank(x, y);
    expect(others).toEqual(expected);
    expect(wilcoxonSignedRank(y, x).pValue).toBe(actual);
    // Where few differences are tied SciPy takes the normal distribution; wilcoxon.test.ts enumerates what is exact.
    expect(ours).toBe(others.count <= 50 ? 'exact' : distribution);
    if (ours === distribution) expectClose(actual, pValue);
  });
});

describe('holm agrees with statsmodels:', () => {
  it.each(reference.holm)('$pValues', ({ pValues, corrected }) => {
    holm(pValues).forEach((actual, index) => {
      expectClose(actual, corrected[index] as number);
    });
  });
});

describe('averageRanks agrees with scipy.stats.rankdata:', () => {
  it.each(reference.ranks)('$values', ({ values, ranks }) => {
    expect(averageRanks(values)).toEqual(ranks);
  });
});

describe.each(reference.columns)('of a column with the mean $mean', (column) => {
  it('the summary agrees with NumPy', () => {
    expectClose(mean(column.values), column.mean);
    expectClose(sampleDeviation(column.values), column.sampleDeviation);
    expect(median(column.values)).toBe(column.median);
    const [low, high] = percentileInterval(Float64Array.from(column.values));
    expectClose(low, column.quantiles[0]);
    expectClose(high, column.quantiles[1]);
  });

  it('the bootstrap interval agrees with scipy.stats.bootstrap', () => {
    const [distribution] = bootstrapMeans([column.values], { resamples: 20_000 });
    const interval = percentileInterval(distribution as Float64Array);
    // The two draw other resamples. The standard error of a 2.5 % quantile of 20,000 normal draws is 0.019 standard
    // deviations (1/0.058 sqrt(0.025 0.975/20000)), 0.5 % of the width of the interval: five of these.
    const tolerance = 0.025 * (column.interval[1] - column.interval[0]);
    interval.forEach((end, index) => {
      expect(Math.abs(end - (column.interval[index] as number))).toBeLessThan(tolerance);
    });
  });
});
