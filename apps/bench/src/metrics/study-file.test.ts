import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError } from '@refusion/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readStudyFile, studySchema } from './study-file.js';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-study-'));
  path = join(folder, 'table.yaml');
});
afterAll(() => rm(folder, { recursive: true }));

async function read(text: string): ReturnType<typeof readStudyFile> {
  await writeFile(path, text);
  return readStudyFile(path);
}

describe('a file of data sets', () => {
  it('names folders from its own place, and methods of all data sets once', async () => {
    const { dataSets, ...settings } = await read(`
      convention: matlab
      metrics: [SSIM, EN]
      common: true
      methods:
        ours: fused/{dataset}/ours
        theirs: /elsewhere
      datasets:
        - { name: TNO, a: tno/ir, b: tno/vi, truth: tno/truth }
        - name: RoadScene
          a: ir
          b: vi
          methods: { theirs: theirs, average: average }
    `);
    expect(settings).toEqual({ convention: 'matlab', metrics: ['SSIM', 'EN'], common: true });
    expect(dataSets).toEqual([
      {
        name: 'TNO',
        a: join(folder, 'tno/ir'),
        b: join(folder, 'tno/vi'),
        truth: join(folder, 'tno/truth'),
        methods: [
          { name: 'ours', path: join(folder, 'fused/TNO/ours') },
          { name: 'theirs', path: '/elsewhere' },
        ],
      },
      {
        name: 'RoadScene',
        a: join(folder, 'ir'),
        b: join(folder, 'vi'),
        truth: undefined,
        methods: [
          { name: 'ours', path: join(folder, 'fused/RoadScene/ours') },
          { name: 'theirs', path: join(folder, 'theirs') },
          { name: 'average', path: join(folder, 'average') },
        ],
      },
    ]);
  });

  it('may be JSON', async () => {
    const file = { datasets: [{ name: 'x', a: 'a', b: 'b', methods: { ours: 'f' } }] };
    expect((await read(JSON.stringify(file))).dataSets).toHaveLength(1);
  });

  it('has a schema for editors, which is that of the reader', async () => {
    const schema = `${JSON.stringify(z.toJSONSchema(studySchema), null, 2)}\n`;
    // `npx vitest run apps/bench -u` writes it.
    await expect(schema).toMatchFileSnapshot('../../schema/table.schema.json');
  });
});

describe('a file of data sets is refused, in one sentence that names the field,', () => {
  const set = '{ name: x, a: a, b: b, methods: { ours: f } }';
  it.each([
    ['', 'the file must be a group of fields, got null'],
    ['datasets: []', 'datasets must be a list of at least 1, got []'],
    ['methods: { ours: f }', 'datasets is missing'],
    [`datasets: [${set}, { name: y, a: a }]`, 'datasets[1].b is missing'],
    [`datasets: [${set}, { name: y, a: 3, b: b }]`, 'datasets[1].a must be a text, got 3'],
    [
      `datasets: [${set}, { name: '', a: a, b: b }]`,
      'datasets[1].name must be a text that is not empty, got ""',
    ],
    [
      'datasets: [{ name: x, a: a, b: b, truht: t }]',
      'datasets[0] has the unknown field "truht"; check its spelling',
    ],
    ['datasets: [{ name: x, a: a, b: b }]', 'datasets[0].methods is missing; name methods there or'],
    [`datasets: [${set}, ${set}]`, 'datasets[1].name is "x", as of another data set; choose another'],
    [`methods: { p: 4 }\ndatasets: [${set}]`, 'methods.p must be a text, got 4'],
    [`methods: { p: '{set}' }\ndatasets: [${set}]`, 'methods.p has {set}, and only {dataset} is known'],
    ['datasets: [{ name: x, a: a, b: b, methods: { p: "{x}" } }]', 'datasets[0].methods.p has {x}, and only'],
    [
      `convention: mine\ndatasets: [${set}]`,
      'convention must be one of evaluator, matlab, standard, got "mine"',
    ],
    [`metrics: [EN, XY]\ndatasets: [${set}]`, 'metrics[1] must be one of EN, SD, '],
    [`metrics: EN\ndatasets: [${set}]`, 'metrics must be a list, got "EN"'],
    [`common: maybe\ndatasets: [${set}]`, 'common must be true or false, got "maybe"'],
  ])('%s', async (text, sentence) => {
    const error = await read(text).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(FileError);
    expect((error as Error).message).toContain(`"${path}": ${sentence}`);
  });

  it('what is no YAML, too large, or not there', async () => {
    await expect(read('a: [1')).rejects.toThrow(
      /^".*table\.yaml" is neither YAML nor JSON: .* at line 1, column \d+$/,
    );
    await expect(read('a: 1\na: 2')).rejects.toThrow('is neither YAML nor JSON: Map keys must be unique');
    await expect(read('#'.repeat(1_000_001))).rejects.toThrow(
      'has 1000001 bytes, more than any file of data sets',
    );
    await expect(readStudyFile(join(folder, 'none.yaml'))).rejects.toThrow(
      'none.yaml" cannot be read: there is no',
    );
  });

  it('aliases that would grow without end', async () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `k${i + 1}: &k${i + 1} [${Array(9).fill(`*k${i}`).join(', ')}]`,
    );
    await expect(read(['k0: &k0 [x]', ...levels].join('\n'))).rejects.toThrow(FileError);
  });
});
