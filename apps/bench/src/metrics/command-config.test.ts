import { writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { bench, type Outcome } from '../test-bench.js';
import { meanOf, resultsOf, triplets, useTriplets } from './test-triplets.js';

const { path, copy } = useTriplets();

describe('bench metrics --config', () => {
  /** Two data sets of the same pictures, of which the second has a method of its own. */
  const table = `
    metrics: [EN, SSIM]
    methods: { ours: f }
    datasets:
      - { name: P, a: a, b: b }
      - { name: Q, a: b, b: a, methods: { other: '{dataset}-other' } }
  `;

  async function scored(text: string, ...args: string[]): Promise<Outcome> {
    await writeFile(path('table.yaml'), text);
    return bench('metrics', '--config', path('table.yaml'), '--format', 'json', ...args);
  }

  it('scores whole data sets, each by its own methods', async () => {
    await copy('a', 'Q-other');
    const outcome = await scored(table);
    expect([outcome.code, outcome.stderr]).toEqual([0, expect.stringMatching(/^metrics: 16\/16 in /)]);
    const { metrics: info, dataSets } = resultsOf(outcome);
    expect(info.map(({ id }) => id)).toEqual(['EN', 'SSIM']);
    expect(dataSets.map(({ name, methods }) => [name, methods.map((method) => method.name)])).toEqual([
      ['P', ['ours']],
      ['Q', ['ours', 'other']],
    ]);
    // SSIM is a sum over the sources, in whatever order.
    const [p, q] = dataSets.map(({ methods }) => methods[0]);
    expect(meanOf(q, 'SSIM')).toBeCloseTo(meanOf(p, 'SSIM'), 12);
    const wanted =
      triplets.reduce((sum, { float64 }) => sum + (float64['SSIM'] as number), 0) / triplets.length;
    expect(meanOf(p, 'SSIM')).toBeCloseTo(wanted, 9);
  });

  it('lets options go first', async () => {
    const outcome = await scored(
      `convention: matlab\n${table.replaceAll('\n    ', '\n')}`,
      ...['--metrics', 'SD'],
    );
    expect(outcome.code).toBe(2);
    const { convention, metrics: info } = resultsOf(outcome);
    expect([convention, info.map(({ id }) => id)]).toEqual(['matlab', ['SD']]);
  });

  it('names the data set of what cannot be scored, and scores the others', async () => {
    const outcome = await scored(table.replace('a: b, b: a', 'a: nowhere, b: a'), '--quiet');
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toMatch(/^error: Q: ".*nowhere" cannot be read: .*\n$/);
    expect(resultsOf(outcome).dataSets.map(({ name }) => name)).toEqual(['P']);
    const lacking = await scored(table, '--quiet');
    expect(lacking.stderr).toMatch(/^error: Q: other: ".*Q-other" cannot be read: .*\n$/);
    expect(resultsOf(lacking).dataSets[1]?.notes).toEqual(['other is left out: no picture of it was found.']);
  });

  it('refuses metrics of a truth that a data set has not', async () => {
    await expect(scored(table.replace('EN, SSIM', 'PSNR-R'))).rejects.toThrow(
      `--metrics PSNR-R compares with a ground truth: give datasets[0].truth of "${path('table.yaml')}", or leave it out`,
    );
  });
});
