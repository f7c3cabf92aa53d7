import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { FileError, OptionError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { bench } from '../test-bench.js';
import { first, useTriplets } from './test-triplets.js';

const { path, metrics, fused } = useTriplets();
const FORMATS = ['table', 'csv', 'json', 'md', 'latex'];

describe('every format says what was left out:', () => {
  it('pairs without a partner, and pictures that are there twice', async () => {
    await rm(path('b', `${first}.png`));
    for (const format of FORMATS) {
      const { code, stdout } = await metrics(...fused('ours', 'f'), '--format', format, '--quiet');
      expect(code).toBe(2);
      expect(stdout).toContain(
        `1 pair is left out, as a source is missing, there twice or of a format that is not read: ${first}.`,
      );
    }
  });

  it('pairs without a truth', async () => {
    await mkdir(path('truth'));
    for (const name of (await readdir(path('a'))).slice(1))
      await copyFile(path('a', name), path('truth', name));
    const outcome = await metrics(...fused('ours', 'f'), '--truth', path('truth'), '--quiet');
    expect(outcome.stdout).toContain('1 pair is left out, as the truth is missing');
  });

  it('data sets', async () => {
    const config = path('table.yaml');
    await writeFile(
      config,
      [
        'methods: { ours: f }',
        'metrics: [EN]',
        'datasets:',
        '  - { name: sound, a: a, b: b }',
        '  - { name: gone, a: nowhere, b: b }',
        '  - { name: hollow, a: a, b: b, methods: { ours: empty } }',
      ].join('\n'),
    );
    await mkdir(path('empty'));
    for (const format of FORMATS) {
      const { code, stdout } = await bench('metrics', '--config', config, '--format', format, '--quiet');
      expect(code).toBe(2);
      expect(stdout).toContain('The data set gone is left out: its pictures cannot be used.');
      expect(stdout).toContain('The data set hollow is left out: no method could be scored.');
    }
  });
});

describe('a picture that is there twice, or in a format that is not read,', () => {
  const sentence = () =>
    `"${path('f')}" has two images of one name, ${first}.PNG and ${first}.png; remove or rename one`;

  it('is told as that, not as missing', async () => {
    await copyFile(path('f', `${first}.png`), path('f', `${first}.PNG`));
    const { code, stderr, stdout } = await metrics(...fused('ours', 'f'), ...fused('sound', 'b'), '--quiet');
    expect(code).toBe(2);
    expect(stderr).toBe(
      [
        `error: ours: ${sentence()}`,
        `error: ours: "${path('f')}" has pictures that cannot be used, 1 of 8; the method is left out, as its means would not compare: mend them, or score the pairs that all methods have with --common`,
        '',
      ].join('\n'),
    );
    expect(stdout).toContain(
      'ours is left out: it lacks 1 of 8 pictures, 1 of these being there twice or of a format that is not read.',
    );
  });

  it('is told with --common too, and ends it with 2', async () => {
    await copyFile(path('f', `${first}.png`), path('f', `${first}.PNG`));
    const outcome = await metrics(...fused('ours', 'f'), '--common', '--quiet');
    expect(outcome).toMatchObject({ code: 2, stderr: `error: ours: ${sentence()}\n` });
    expect(outcome.stdout).toContain('The common set: 7 of 8 pairs');
  });

  it('is told of a truth', async () => {
    await mkdir(path('truth'));
    for (const name of await readdir(path('a'))) await copyFile(path('a', name), path('truth', name));
    await rm(path('truth', `${first}.png`));
    await copyFile(path('a', `${first}.png`), path('truth', `${first}.gif`));
    const { stderr } = await metrics(...fused('ours', 'f'), '--truth', path('truth'), '--quiet');
    expect(stderr).toBe(
      `error: ${first}: "${path('truth', `${first}.gif`)}" is of a format that is not read; convert it to PNG\n`,
    );
  });
});

describe('--out', () => {
  const one = [...['--metrics', 'EN'], '--quiet'];

  it('that is a folder is refused before anything is scored', async () => {
    await mkdir(path('x.json'));
    await expect(metrics(...fused('ours', 'f'), ...one, '--out', path('x.json'))).rejects.toThrow(
      new FileError(`--out "${path('x.json')}" is a folder; name a file in it`),
    );
  });

  it('of an earlier run is told to be one where nothing could be scored', async () => {
    const out = path('x.json');
    await metrics(...fused('ours', 'f'), ...one, '--out', out);
    const before = await readFile(out, 'utf8');
    await rm(path('f', `${first}.png`));
    const { code, stderr } = await metrics(...fused('ours', 'f'), ...one, '--out', out);
    expect(code).toBe(2);
    expect(stderr).toContain(
      `error: nothing could be scored; "${out}" is of an earlier run and is left as it is\n`,
    );
    expect(await readFile(out, 'utf8')).toBe(before);
  });

  it('is neither the journal nor the file of data sets', async () => {
    const file = path('x.json');
    const scored = metrics(...fused('ours', 'f'), '--resume', file, '--out', path('.', 'x.json'));
    await expect(scored).rejects.toThrow(
      new OptionError(`--out and --resume both name "${file}", which would be replaced; choose another name`),
    );
    await writeFile(file, '{"datasets":[{"name":"d","a":"a","b":"b","methods":{"ours":"f"}}]}');
    await expect(bench('metrics', '--config', file, '--out', file)).rejects.toThrow(
      `--out and --config both name "${file}"`,
    );
    expect(await readFile(file, 'utf8')).toContain('datasets');
    await expect(metrics('--out', 'a.csv', '--out', './a.csv')).rejects.toThrow(
      '--out names "./a.csv" twice',
    );
  });
});
