import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError, OptionError } from '@refusion/core';
import { picture } from '@refusion/image-io';
import { writePng } from '@refusion/image-io/node';
import { CONVENTIONS, PAPER_METRICS } from '@refusion/metrics';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bench } from '../test-bench.js';
import { SCORABLE } from './command.js';

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

describe('bench metrics', () => {
  it('agrees with the Python Evaluator, image by image and in the mean', async () => {
    const { code, stdout } = await metrics(...fused('ours', 'f'), '--format', 'json', '--quiet');
    expect(code).toBe(0);
    const { convention, methods, ...others } = JSON.parse(stdout);
    expect([convention, Object.keys(methods), others]).toEqual(['evaluator', ['ours'], {}]);
    const { mean, images, ...more } = methods.ours;
    expect(more).toEqual({});
    expect(Object.keys(images)).toEqual(triplets.map(({ id }) => id));
    for (const id of PAPER_METRICS) {
      for (const { id: stem, float64 } of triplets)
        expect(images[stem][id]).toBeCloseTo(float64[id] as number, 9);
      const total = triplets.reduce((sum, { float64 }) => sum + (float64[id] as number), 0);
      expect(mean[id]).toBeCloseTo(total / triplets.length, 9);
    }
    expect(Object.keys(mean)).toEqual(PAPER_METRICS);
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
    const means = async (...args: string[]) => {
      const { stdout } = await metrics(...fused('ours', 'f'), '--format', 'json', '--quiet', ...args);
      const { convention, methods } = JSON.parse(stdout);
      return { convention, mean: methods.ours.mean };
    };
    const [evaluator, matlab] = [await means(), await means('--convention', 'matlab')];
    expect([evaluator.convention, matlab.convention]).toEqual(['evaluator', 'matlab']);
    // Entropy is the same everywhere; SSIM is a sum over the sources in one, a mean in the other.
    expect(matlab.mean.EN).toBe(evaluator.mean.EN);
    expect(Math.abs(matlab.mean.SSIM - evaluator.mean.SSIM)).toBeGreaterThan(0.01);
  });

  it('writes a file, in the format that its extension names', async () => {
    const out = join(folder, 'results', 'scores.csv');
    const { code, stdout, stderr } = await metrics(
      ...fused('ours', 'f'),
      '--metrics',
      'EN',
      '--out',
      out,
      '--quiet',
    );
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    const lines = (await readFile(out, 'utf8')).split('\r\n');
    expect(lines.slice(0, 2)).toEqual(['method,image,EN', `ours,${first},${triplets[0]?.float64['EN']}`]);
    expect(lines).toHaveLength(1 + triplets.length + 1 + 1);
    expect(await readdir(join(folder, 'results'))).toEqual(['scores.csv']);
  });

  it('leaves a score that is not finite out of the mean and says so', async () => {
    // F = B: corr(F - B, A) is 0/0.
    await copyFile(join(folder, 'b', `${first}.png`), join(folder, 'f', `${first}.png`));
    const table = await metrics(...fused('ours', 'f'), '--per-image', '--quiet');
    expect(table.code).toBe(0);
    expect(table.stdout).toContain('SCD of ours: the mean is over 7 of 8 images, no other is finite');
    expect(table.stdout).toMatch(new RegExp(`│ ours +│ ${first} .* NaN `));
    const json = await metrics(...fused('ours', 'f'), '--format', 'json', '--quiet');
    const { mean, images } = JSON.parse(json.stdout).methods.ours;
    expect(images[first].SCD).toBe('NaN');
    const rest = triplets.slice(1).map(({ float64 }) => float64['SCD'] as number);
    expect(mean.SCD).toBeCloseTo(rest.reduce((sum, value) => sum + value, 0) / rest.length, 9);
  });
});

describe('bench metrics tells of what cannot be scored, scores the rest and ends with 2:', () => {
  /** Scores a broken method beside a sound one, of which the result must not depend. */
  async function besideSound(): Promise<{ stderr: string }> {
    const only = await metrics(...fused('sound', 'b'), '--format', 'json', '--quiet');
    const both = await metrics(...fused('ours', 'f'), ...fused('sound', 'b'), '--format', 'json', '--quiet');
    expect(both.code).toBe(2);
    expect(both.stdout).toBe(only.stdout);
    return both;
  }

  it('a method without some pictures', async () => {
    await rm(join(folder, 'f', `${first}.png`));
    const { stderr } = await besideSound();
    expect(stderr).toBe(
      `error: ours: "${join(folder, 'f')}" has no picture for 1 of 8 pairs: ${first}; the method is left out, as its means would not compare\n`,
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
      `error: ours: "${mine}" has 8x8 pixels and its source "${source}" 80x64; a fused picture must have the size of its sources\n`,
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

describe('bench metrics refuses, in one sentence,', () => {
  it.each([
    [['--metrics', 'EN,XY'], `--metrics must be one of ${SCORABLE.join(', ')}, got "XY"`],
    [['--metrics', 'PSNR-R'], 'got "PSNR-R"'], // it compares with a ground truth
    [['--format', 'xml'], '--format must be one of table, csv, json, md, got "xml"'],
    [['--convention', 'mine'], `--convention must be one of ${CONVENTIONS.join(', ')}, got "mine"`],
    [['--fused', 'ours=elsewhere'], '--fused has the name "ours" twice'],
    [['--fused', 'folder'], '--fused must be NAME=folder, got "folder"'],
  ])('%s', async (args, sentence) => {
    const error = await metrics(...fused('ours', 'f'), ...args).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OptionError);
    expect((error as Error).message).toContain(sentence);
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
    for (const { code, stdout } of [small, damaged]) {
      expect(code).toBe(2);
      const stems = Object.keys(JSON.parse(stdout).methods.ours.images);
      expect(stems).toEqual(triplets.slice(1).map(({ id }) => id));
    }
  });

  it('a place for results that cannot be one', async () => {
    const out = join(folder, 'a', `${first}.png`, 'scores.json');
    await expect(metrics(...fused('ours', 'f'), '--out', out)).rejects.toThrow(FileError);
    const source = join(folder, 'a', `${first}.png`);
    await expect(metrics(...fused('ours', 'f'), '--out', source)).rejects.toThrow(
      '--out must not be the folder of --a',
    );
  });
});
