import { rm, writeFile } from 'node:fs/promises';
import { FileError, OptionError } from '@refusion/core';
import { picture } from '@refusion/image-io';
import { writePng } from '@refusion/image-io/node';
import { CONVENTIONS, METRIC_IDS } from '@refusion/metrics';
import { describe, expect, it } from 'vitest';
import { bench } from '../test-bench.js';
import { first, methodsOf, resultsOf, scoresOf, triplets, useTriplets } from './test-triplets.js';

const { path, copy, metrics, fused } = useTriplets();

describe('bench metrics refuses, in one sentence,', () => {
  it.each([
    [['--metrics', 'EN,XY'], `--metrics must be one of ${METRIC_IDS.join(', ')}, got "XY"`],
    [['--metrics', 'en'], ', got "en"; did you mean EN?'],
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
    await copy('a', 'truth');
    await rm(path('truth', `${first}.png`));
    const second = triplets[1]?.id as string;
    await writePng(path('truth', `${second}.png`), picture(new Uint8Array(100), [10, 10]));
    const truth = ['--truth', path('truth'), '--format', 'json', '--quiet'];
    const outcome = await metrics(...fused('ours', 'f'), ...truth);
    expect(outcome.code).toBe(2);
    expect(outcome.stderr.split('\n')).toEqual([
      `error: ${first}: "${path('truth')}" has no image named ${first}; add the truth of this pair or remove its sources`,
      expect.stringMatching(new RegExp(`^error: ${second}: .* a truth must have the size of its sources$`)),
      '',
    ]);
    expect(scoresOf(methodsOf(outcome)[0], 'EN')).toHaveLength(6);
    await rm(path('truth'), { recursive: true });
    expect(await metrics(...fused('ours', 'f'), ...truth)).toMatchObject({ code: 2, stdout: '' });
  });

  it('sources of which one is damaged or differs in size', async () => {
    const [a, b] = ['a', 'b'].map((kind) => path(kind, `${first}.png`)) as [string, string];
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
    const out = path('a', `${first}.png`, 'scores.json');
    await expect(metrics(...fused('ours', 'f'), '--out', out)).rejects.toThrow(FileError);
    const source = path('a', 'scores.json');
    await expect(metrics(...fused('ours', 'f'), '--out', source)).rejects.toThrow(
      '--out must not be the folder of --a',
    );
  });
});
