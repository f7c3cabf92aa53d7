import { copyFile, readdir, readFile } from 'node:fs/promises';
import { PAPER_METRICS } from '@refusion/metrics';
import { describe, expect, it } from 'vitest';
import {
  FIXTURES,
  first,
  meanOf,
  methodsOf,
  resultsOf,
  scoresOf,
  triplets,
  useTriplets,
} from './test-triplets.js';

const { path, metrics, fused } = useTriplets();

describe('bench metrics', () => {
  it('agrees with the Python Evaluator, image by image and in the mean', async () => {
    const outcome = await metrics(...fused('ours', 'f'), '--format', 'json', '--quiet');
    expect(outcome.code).toBe(0);
    const { convention, metrics: info, dataSets } = resultsOf(outcome);
    expect([convention, info.map(({ id }) => id)]).toEqual(['evaluator', PAPER_METRICS]);
    expect(dataSets[0]?.pairs.map(({ stem }) => stem)).toEqual(triplets.map(({ id }) => id));
    const [ours, ...others] = methodsOf(outcome);
    expect([ours?.name, others]).toEqual(['ours', []]);
    for (const id of PAPER_METRICS) {
      triplets.forEach(({ float64 }, image) => {
        expect(scoresOf(ours, id)[image]).toBeCloseTo(float64[id] as number, 9);
      });
      const total = triplets.reduce((sum, { float64 }) => sum + (float64[id] as number), 0);
      expect(meanOf(ours, id)).toBeCloseTo(total / triplets.length, 9);
    }
  });

  it('compares methods in a table, with the metrics asked for', async () => {
    const { code, stdout, stderr } = await metrics(
      ...fused('ours', 'f'),
      ...fused('first', 'a'),
      '--metrics',
      'SSIM,EN,SSIM',
    );
    expect(code).toBe(0);
    const rows = stdout.split('\n').filter((line) => line.startsWith('│'));
    expect(
      rows.map((row) =>
        row
          .split('│')
          .map((cell) => cell.trim())
          .slice(1, 4),
      ),
    ).toEqual([
      ['method', 'image', 'SSIM ↑'],
      ['ours', 'mean of 8', expect.stringMatching(/^\d\.\d{3}$/)],
      ['first', 'mean of 8', expect.stringMatching(/^\* \d\.\d{3}$/)],
    ]);
    expect(stderr).toMatch(/^metrics: 8\/8 in /);
  });

  it('scores by the definitions of the convention asked for', async () => {
    const scored = async (...args: string[]) => {
      const outcome = await metrics(...fused('ours', 'f'), '--format', 'json', '--quiet', ...args);
      const [ours] = methodsOf(outcome);
      const { convention } = resultsOf(outcome);
      return { convention, EN: meanOf(ours, 'EN'), SSIM: meanOf(ours, 'SSIM') };
    };
    const [evaluator, matlab] = [await scored(), await scored('--convention', 'matlab')];
    expect([evaluator.convention, matlab.convention]).toEqual(['evaluator', 'matlab']);
    // Entropy is the same everywhere; SSIM is a sum over the sources in one, a mean in the other.
    expect(matlab.EN).toBe(evaluator.EN);
    expect(Math.abs(matlab.SSIM - evaluator.SSIM)).toBeGreaterThan(0.01);
  });

  it('writes files, in the formats that their extensions name', async () => {
    const out = ['scores.csv', 'table.tex', 'scores.json'].map((name) => path('results', name));
    const { code, stdout, stderr } = await metrics(
      ...fused('ours', 'f'),
      ...['--metrics', 'EN', '--quiet'],
      ...out.flatMap((path) => ['--out', path]),
    );
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    const [csv = '', latex = '', json = ''] = await Promise.all(out.map((path) => readFile(path, 'utf8')));
    expect(csv.split('\r\n').slice(0, 2)).toEqual([
      'dataset,method,row,image,EN,rank',
      `data,ours,image,${first},${triplets[0]?.float64['EN']},`,
    ]);
    expect(latex).toContain('\\begin{tabular}{lr}');
    expect(methodsOf({ stdout: json }).map(({ name }) => name)).toEqual(['ours']);
    expect(await readdir(path('results'))).toEqual(['scores.csv', 'scores.json', 'table.tex']);
  });

  it('leaves a score that is not finite out of the mean and says so', async () => {
    // F = B: corr(F - B, A) is 0/0.
    await copyFile(path('b', `${first}.png`), path('f', `${first}.png`));
    const table = await metrics(...fused('ours', 'f'), '--per-image', '--quiet');
    expect(table.code).toBe(0);
    expect(table.stdout).toContain('SCD of ours: the mean is over 7 of 8 images, no other is finite');
    expect(table.stdout).toMatch(new RegExp(`│ ours +│ ${first} .* NaN `));
    const [ours] = methodsOf(await metrics(...fused('ours', 'f'), '--format', 'json', '--quiet'));
    expect(scoresOf(ours, 'SCD')[0]).toBeNaN();
    const rest = triplets.slice(1).map(({ float64 }) => float64['SCD'] as number);
    expect(meanOf(ours, 'SCD')).toBeCloseTo(rest.reduce((sum, value) => sum + value, 0) / rest.length, 9);
  });

  it('compares with the truth where one is given', async () => {
    const truth = ['--truth', path('a'), '--format', 'json', '--quiet'];
    const outcome = await metrics(...fused('ours', 'f'), ...fused('perfect', 'a'), ...truth);
    expect(outcome.code).toBe(0);
    expect(resultsOf(outcome).metrics.map(({ id }) => id)).toEqual([
      ...PAPER_METRICS,
      'PSNR-R',
      'SSIM-R',
      'MAE-R',
    ]);
    const [ours, perfect] = methodsOf(outcome);
    expect([meanOf(perfect, 'SSIM-R'), meanOf(perfect, 'MAE-R')]).toEqual([1, 0]);
    expect(scoresOf(perfect, 'PSNR-R')).toEqual(triplets.map(() => Number.POSITIVE_INFINITY));
    // GNU Octave's values are for this truth, source a.
    const octave = JSON.parse(
      await readFile(new URL('../metrics-matlab/metrics-matlab.json', FIXTURES), 'utf8'),
    );
    const expected = octave.triplets.map(
      ({ standard }: { standard: Record<string, number> }) => standard['PSNR-R'],
    );
    scoresOf(ours, 'PSNR-R').forEach((value, image) => {
      expect(value).toBeCloseTo(expected[image], 9);
    });
  });

  it('gives the same bytes with any number of threads', async () => {
    const scored = (workers: string) =>
      metrics(...fused('ours', 'f'), ...fused('b'), '--format', 'json', '--quiet', '--workers', workers);
    const [one, three] = [await scored('1'), await scored('3')];
    expect(three).toEqual(one);
    expect(methodsOf(one)).toHaveLength(2);
  });
});
