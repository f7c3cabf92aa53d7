import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError, OptionError } from '@refusion/core';
import { picture } from '@refusion/image-io';
import { writePng } from '@refusion/image-io/node';
import { CONVENTIONS, METRIC_IDS, PAPER_METRICS } from '@refusion/metrics';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseResults } from '../results/read-results.js';
import { type MethodResults, ofMetric, type Results } from '../results/results.js';
import { bench } from '../test-bench.js';

const fixtures = new URL('../../../../fixtures/metrics-own/', import.meta.url);

/** Synthetic triplets and what the Python Evaluator gave for them. */
interface Golden {
  readonly id: string;
  readonly a: string;
  readonly b: string;
  readonly f: string;
  readonly float64: { readonly [metric: string]: number };
}

const { triplets }: { triplets: readonly Golden[] } = JSON.parse(
  await readFile(new URL('metrics-own.json', fixtures), 'utf8'),
);

let folder: string;
let sources: readonly string[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-metrics-'));
  for (const kind of ['a', 'b', 'f'] as const) await copyTriplets(kind, kind);
  sources = ['--a', join(folder, 'a'), '--b', join(folder, 'b')];
});
afterEach(() => rm(folder, { recursive: true }));

/** Makes a folder of the triplets' sources or fused images. */
async function copyTriplets(kind: 'a' | 'b' | 'f', name: string): Promise<void> {
  await mkdir(join(folder, name));
  for (const triplet of triplets) {
    await copyFile(new URL(triplet[kind], fixtures), join(folder, name, `${triplet.id}.png`));
  }
}

const metrics = (...args: string[]) => bench('metrics', ...sources, ...args);
const fused = (name: string, path = name): string[] => ['--fused', `${name}=${join(folder, path)}`];
const first = triplets[0]?.id as string;

/** The results that a command printed as JSON. */
const resultsOf = ({ stdout }: { stdout: string }): Results => parseResults(stdout, 'stdout');

/** The results of the methods of the only data set. */
function methodsOf(outcome: { stdout: string }): readonly MethodResults[] {
  const { dataSets } = resultsOf(outcome);
  expect(dataSets).toHaveLength(1);
  return dataSets[0]?.methods ?? [];
}

const scoresOf = (method: MethodResults | undefined, id: string): readonly number[] =>
  method ? ofMetric(method.scores, id) : [];
const meanOf = (method: MethodResults | undefined, id: string): number =>
  method ? ofMetric(method.summary, id).mean : Number.NaN;

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
    const out = ['scores.csv', 'table.tex', 'scores.json'].map((name) => join(folder, 'results', name));
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
    expect(await readdir(join(folder, 'results'))).toEqual(['scores.csv', 'scores.json', 'table.tex']);
  });

  it('leaves a score that is not finite out of the mean and says so', async () => {
    // F = B: corr(F - B, A) is 0/0.
    await copyFile(join(folder, 'b', `${first}.png`), join(folder, 'f', `${first}.png`));
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
    const truth = ['--truth', join(folder, 'a'), '--format', 'json', '--quiet'];
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
      await readFile(new URL('../metrics-matlab/metrics-matlab.json', fixtures), 'utf8'),
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

describe('bench metrics tells of what cannot be scored, scores the rest and ends with 2:', () => {
  /** Scores a broken method beside a sound one, of which the result must not depend. */
  async function besideSound(): Promise<{ stderr: string }> {
    const only = await metrics(...fused('sound', 'b'), '--format', 'json', '--quiet');
    const both = await metrics(...fused('ours', 'f'), ...fused('sound', 'b'), '--format', 'json', '--quiet');
    expect(both.code).toBe(2);
    expect(methodsOf(both)).toEqual(methodsOf(only));
    const [{ notes = [] } = {}] = resultsOf(both).dataSets;
    expect(notes).toEqual([expect.stringMatching(/^ours is left out: .*\.$/)]);
    return both;
  }

  it('a method without some pictures', async () => {
    await rm(join(folder, 'f', `${first}.png`));
    const { stderr } = await besideSound();
    expect(stderr).toBe(
      `error: ours: "${join(folder, 'f')}" has no picture for 1 of 8 pairs: ${first}; the method is left out, as its means would not compare: add them, or score the pairs that all methods have with --common\n`,
    );
  });

  it('a method without a folder', async () => {
    await rm(join(folder, 'f'), { recursive: true });
    expect((await besideSound()).stderr).toMatch(/^error: ours: .*f".*\n$/);
  });

  it('a picture of another size, naming both', async () => {
    await writePng(join(folder, 'f', `${first}.png`), picture(new Uint8Array(64), [8, 8]));
    const [mine, source] = ['f', 'a'].map((kind) => join(folder, kind, `${first}.png`));
    expect((await besideSound()).stderr).toBe(
      `error: ours: "${mine}" has 8x8 pixels and its source "${source}" 80x64 (56 rows and 72 columns fewer: another picture?); a fused picture must have the size of its sources\n`,
    );
  });

  it('a cropped picture, saying so', async () => {
    await writePng(join(folder, 'f', `${first}.png`), picture(new Uint8Array(54 * 70), [54, 70]));
    expect((await besideSound()).stderr).toContain(
      ' has 70x54 pixels and its source "' +
        join(folder, 'a', `${first}.png`) +
        '" 80x64 (10 rows and 10 columns fewer: cropped?); ',
    );
  });

  it('a damaged picture', async () => {
    await writeFile(join(folder, 'f', `${first}.png`), 'no picture');
    expect((await besideSound()).stderr).toMatch(/^error: ours: ".*" is not an image.*\n$/);
  });

  it('a picture too small for a metric', async () => {
    for (const kind of ['a', 'b', 'f']) {
      await writePng(join(folder, kind, `${first}.png`), picture(new Uint8Array(9), [3, 3]));
    }
    const { code, stdout, stderr } = await metrics(...fused('ours', 'f'), '--quiet');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: ours: ".*f.*\.png" cannot be scored: .*at least 7x7.*\n$/);
  });

  it('a source without a partner', async () => {
    await rm(join(folder, 'b', `${first}.png`));
    const { code, stdout, stderr } = await metrics(...fused('ours', 'f'), '--quiet');
    expect(code).toBe(2);
    expect(stdout).toContain('mean of 7');
    expect(stderr).toMatch(new RegExp(`^error: ${first}: .*\n$`));
  });
});

describe('bench metrics --common', () => {
  const common = (...args: string[]) =>
    metrics(...fused('ours', 'f'), ...fused('sound', 'b'), '--common', '--quiet', ...args);
  const note = `The common set: 7 of 8 pairs, those for which every method has a picture; without ${first}.`;

  it('scores the pairs that every method has, and says so in every format', async () => {
    await rm(join(folder, 'f', `${first}.png`));
    const outcome = await common('--format', 'json');
    expect([outcome.code, outcome.stderr]).toEqual([0, '']);
    const [ours, sound] = methodsOf(outcome);
    const wanted = triplets.slice(1).map(({ float64 }) => float64['EN'] as number);
    scoresOf(ours, 'EN').forEach((value, image) => {
      expect(value).toBeCloseTo(wanted[image] as number, 9);
    });
    expect([scoresOf(ours, 'EN').length, scoresOf(sound, 'EN').length]).toEqual([7, 7]);
    for (const format of ['table', 'csv', 'json', 'md', 'latex']) {
      expect((await common('--format', format)).stdout).toContain(note);
    }
  });

  it('leaves out a pair with a damaged picture, which it names, and ends with 2', async () => {
    await writeFile(join(folder, 'f', `${first}.png`), 'no picture');
    const { code, stdout, stderr } = await common();
    expect([code, stdout.includes(note)]).toEqual([2, true]);
    expect(stderr).toMatch(/^error: ours: ".*" is not an image.*\n$/);
  });

  it('says so where nothing is left out, and where nothing is left', async () => {
    expect((await common()).stdout).toContain('The common set: 8 of 8 pairs, ');
    for (const { id } of triplets.slice(1)) await rm(join(folder, 'f', `${id}.png`));
    await mkdir(join(folder, 'other'));
    await copyFile(
      join(folder, 'a', `${triplets[1]?.id}.png`),
      join(folder, 'other', `${triplets[1]?.id}.png`),
    );
    const { code, stdout, stderr } = await common(...fused('other'));
    expect([code, stdout, stderr]).toEqual([
      2,
      '',
      'error: data: no pair has a picture of every method; leave a method out\n',
    ]);
  });
});

describe('bench metrics refuses, in one sentence,', () => {
  it.each([
    [['--metrics', 'EN,XY'], `--metrics must be one of ${METRIC_IDS.join(', ')}, got "XY"`],
    [['--metrics', 'PSNR-R'], '--metrics PSNR-R compares with a ground truth: give --truth, or leave it out'],
    [['--format', 'xml'], '--format must be one of table, csv, json, md, latex, got "xml"'],
    [['--out', 'scores'], '--out must end in .txt, .csv, .json, .md, .tex, or stand beside --format'],
    [['--out', 'a.csv', '--out', 'a.csv'], '--out names "a.csv" twice'],
    [['--digits', '99'], '--digits must be at most 15, got 99'],
    [['--workers', '0'], '--workers must be a whole number of at least 1, got "0"'],
    [['--config', 'table.yaml'], '--a and --config exclude each other: name the folders in "table.yaml"'],
    [['--convention', 'mine'], `--convention must be one of ${CONVENTIONS.join(', ')}, got "mine"`],
    [['--fused', 'ours=elsewhere'], '--fused has the name "ours" twice'],
    [['--fused', 'folder'], '--fused must be NAME=folder, got "folder"'],
  ])('%s', async (args, sentence) => {
    const error = await metrics(...fused('ours', 'f'), ...args).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OptionError);
    expect((error as Error).message).toContain(sentence);
  });

  it('too few folders', async () => {
    await expect(bench('metrics', ...fused('ours', 'f'), '--b', 'b')).rejects.toThrow(
      '--a is missing; give --a, --b and --fused, or --config',
    );
  });

  it('a truth that lacks pictures, is cropped or is not there', async () => {
    await copyTriplets('a', 'truth');
    await rm(join(folder, 'truth', `${first}.png`));
    const second = triplets[1]?.id as string;
    await writePng(join(folder, 'truth', `${second}.png`), picture(new Uint8Array(100), [10, 10]));
    const truth = ['--truth', join(folder, 'truth'), '--format', 'json', '--quiet'];
    const outcome = await metrics(...fused('ours', 'f'), ...truth);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr.split('\n')).toEqual([
      `error: ${first}: "${join(folder, 'truth')}" has no image named ${first}; add the truth of this pair or remove its sources`,
      expect.stringMatching(new RegExp(`^error: ${second}: .* a truth must have the size of its sources$`)),
      '',
    ]);
    expect(scoresOf(methodsOf(outcome)[0], 'EN')).toHaveLength(6);
    await rm(join(folder, 'truth'), { recursive: true });
    expect(await metrics(...fused('ours', 'f'), ...truth)).toMatchObject({ code: 2, stdout: '' });
  });

  it('sources of which one is damaged or differs in size', async () => {
    const [a, b] = ['a', 'b'].map((kind) => join(folder, kind, `${first}.png`)) as [string, string];
    await writePng(b, picture(new Uint8Array(64), [8, 8]));
    const scored = async () => metrics(...fused('ours', 'f'), '--format', 'json', '--quiet');
    const small = await scored();
    expect(small.stderr).toContain(`error: ${first}: "${a}" has 80x64 pixels and "${b}" 8x8`);
    await writeFile(b, 'no picture');
    const damaged = await scored();
    expect(damaged.stderr).toContain(`error: ${first}: "${b}"`);
    // The others are scored all the same.
    for (const outcome of [small, damaged]) {
      expect(outcome.code).toBe(2);
      const [dataSet] = resultsOf(outcome).dataSets;
      expect(dataSet?.pairs.map(({ stem }) => stem)).toEqual(triplets.slice(1).map(({ id }) => id));
      expect(dataSet?.notes).toEqual(['1 of 8 pairs are left out: their sources cannot be used.']);
    }
  });

  it('a place for results that cannot be one', async () => {
    const out = join(folder, 'a', `${first}.png`, 'scores.json');
    await expect(metrics(...fused('ours', 'f'), '--out', out)).rejects.toThrow(FileError);
    const source = join(folder, 'a', 'scores.json');
    await expect(metrics(...fused('ours', 'f'), '--out', source)).rejects.toThrow(
      '--out must not be the folder of --a',
    );
  });
});
