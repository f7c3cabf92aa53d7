import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ops, Tensor } from '@refusion/autodiff';
import { FileError, OptionError, rng } from '@refusion/core';
import { picture } from '@refusion/image-io';
import { readPicture, writePng } from '@refusion/image-io/node';
import { compile } from '@refusion/onnx';
import { pipeline } from '@refusion/pipeline';
import { loadEngine } from '@refusion/tf';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { readResults } from '../results/read-results.js';
import { bench } from '../test-bench.js';

const TINY = fileURLToPath(new URL('../../../../fixtures/fusion-tiny/tiny.safetensors', import.meta.url));
const [HEIGHT, WIDTH] = [16, 24];
const STEMS = ['01', '02'];

let folder: string;
let out: string;
let runs = 0;
const at = (...names: string[]): string => join(folder, ...names);

type Inputs = Readonly<Record<string, Tensor>>;

/** A model of pictures `[B, 1, H, W]`, or of the shape given, as another program would export it. */
async function saveModel(
  name: string,
  fn: (ops: Ops, inputs: Inputs) => Readonly<Record<string, Tensor>>,
  shapes: Readonly<Record<string, readonly (number | string)[]>>,
): Promise<void> {
  const inputs = Object.fromEntries(Object.entries(shapes).map(([key, shape]) => [key, { shape }]));
  await writeFile(at(name), compile(fn as never, { inputs }));
}

const GRAY = ['B', 'H', 'W', 1];
const mean = (ops: Ops, { a, b }: Inputs) => ({
  fused: ops.mul(ops.add(a as Tensor, b as Tensor), 0.5),
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-'));
  const random = rng(4);
  for (const side of ['ir', 'vi']) {
    await mkdir(at(side));
    for (const stem of STEMS) {
      const values = Uint8Array.from({ length: HEIGHT * WIDTH }, () => random.integer(256));
      await writePng(at(side, `${stem}.png`), picture(values, [HEIGHT, WIDTH]));
    }
  }
  await saveModel('mean.onnx', mean, { a: GRAY, b: GRAY });
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(() => {
  out = at(`out-${runs++}`);
});

const run = (...options: string[]) =>
  bench('run', '--a', at('ir'), '--b', at('vi'), '--out', out, ...options);

it('fuses by every model, keeps the pictures, and scores them in every format', async () => {
  const outcome = await run(
    '--weights',
    TINY,
    '--weights',
    `mean=${at('mean.onnx')}`,
    '--tone',
    'clip',
    '--quiet',
  );
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  expect(outcome.stdout).toMatch(/tiny.*mean of 2[\s\S]*mean .*mean of 2/);
  expect((await readdir(out)).sort()).toEqual(
    ['mean', 'results.csv', 'results.json', 'results.md', 'results.tex', 'scores.jsonl', 'tiny'].sort(),
  );
  const { dataSets } = await readResults(join(out, 'results.json'));
  expect(dataSets[0]?.methods.map(({ name, fused }) => [name, fused])).toEqual(
    ['tiny', 'mean'].map((name) => [name, STEMS.map((stem) => join(out, name, `${stem}.png`))]),
  );
});

it('gives the pictures of the pipeline, and of an ONNX model as it is', async () => {
  await run('--weights', TINY, '--weights', at('mean.onnx'), '--tone', 'clip', '--quiet');
  const [a, b] = [await readPicture(at('ir', '01.png')), await readPicture(at('vi', '01.png'))];
  const fuse = await pipeline({ weights: await readFile(TINY), engine: await loadEngine('wasm') });
  const { gray } = await fuse(a, b, { tone: 'clip' });
  fuse.dispose();
  expect([...(await readPicture(join(out, 'tiny', '01.png'))).data]).toEqual([...gray.data]);
  const average = await readPicture(join(out, 'mean', '01.png'));
  for (const [i, value] of average.data.entries()) {
    expect(Math.abs(value - ((a.data[i] ?? 0) + (b.data[i] ?? 0)) / 2)).toBeLessThanOrEqual(0.5001);
  }
});

it('fuses again only what has changed', async () => {
  const again = () => run('--weights', `m=${at('model.onnx')}`, '--weights', TINY, '--quiet');
  await copyFile(at('mean.onnx'), at('model.onnx'));
  await again();
  const files = ['m', 'tiny'].flatMap((name) => STEMS.map((stem) => join(out, name, `${stem}.png`)));
  // A time that a new file would not have.
  const mark = async () => {
    for (const file of files) await utimes(file, 1e9, 1e9);
  };
  const made = async () => {
    const times = await Promise.all(files.map(async (file) => (await stat(file)).mtimeMs !== 1e12));
    return times;
  };
  await mark();
  const { stdout } = await again();
  expect(await made()).toEqual([false, false, false, false]);
  expect(stdout).toContain('mean of 2');
  await saveModel('model.onnx', (ops, { a, b }) => ({ fused: ops.maximum(a as Tensor, b as Tensor) }), {
    a: GRAY,
    b: GRAY,
  });
  await again();
  expect(await made()).toEqual([true, true, false, false]);
  await mark();
  await rm(join(out, 'tiny', '02.png'));
  await again();
  expect(await made()).toEqual([false, false, false, true]);
  await mark();
  await run('--weights', `m=${at('model.onnx')}`, '--weights', TINY, '--quiet', '--tone', 'clip');
  expect(await made()).toEqual([true, true, true, true]);
});

it('makes a picture again that was damaged or replaced since', async () => {
  const again = () => run('--weights', at('mean.onnx'), '--quiet', '--metrics', 'EN');
  const scores = async () => (await readResults(join(out, 'results.json'))).dataSets[0]?.methods[0]?.scores;
  await again();
  const [first, second] = STEMS.map((stem) => join(out, 'mean', `${stem}.png`)) as [string, string];
  const [before, good] = [await readFile(first), await scores()];
  await writeFile(first, 'no picture');
  // Of the same size, as of another program.
  await copyFile(at('ir', '02.png'), second);
  expect(await again()).toMatchObject({ code: 0, stderr: '' });
  expect(await readFile(first)).toEqual(before);
  expect(await scores()).toEqual(good);
  // A picture of which it is not known what was written.
  await writeFile(join(out, 'mean', 'fused.jsonl'), '');
  await copyFile(at('ir', '02.png'), second);
  await again();
  expect(await scores()).toEqual(good);
});

it('leaves no results of an earlier run where it scores nothing, and no folder of a model that fuses nothing', async () => {
  await writeFile(at('none.onnx'), 'no model');
  expect((await run('--weights', at('mean.onnx'), '--quiet')).code).toBe(0);
  const { code, stdout, stderr } = await run('--weights', at('none.onnx'), '--quiet');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^error: none: .*\n$/);
  expect((await readdir(out)).sort()).toEqual(['mean', 'scores.jsonl']);
});

it('says in the results which model could not be used, and which could not fuse any pair', async () => {
  await writeFile(at('none.onnx'), 'no model');
  await saveModel('fixed.onnx', mean as never, { a: [1, 32, 32, 1], b: [1, 32, 32, 1] });
  const models = ['none', 'fixed', 'mean'].flatMap((name) => ['--weights', at(`${name}.onnx`)]);
  expect((await run(...models, '--quiet')).code).toBe(2);
  for (const name of ['results.json', 'results.csv', 'results.md', 'results.tex']) {
    const text = await readFile(join(out, name), 'utf8');
    expect(text).toContain('none is left out: its model could not be used.');
    expect(text).toContain('fixed is left out: it could not fuse any pair.');
  }
  expect((await readdir(out)).filter((name) => !name.includes('.'))).toEqual(['mean']);
});

it('does not write to one folder twice at once', async () => {
  const outcomes = await Promise.allSettled([1, 2].map(() => run('--weights', at('mean.onnx'), '--quiet')));
  const reasons = outcomes.map((outcome) => outcome.status === 'rejected' && String(outcome.reason.message));
  expect(reasons.sort()).toEqual(
    [
      false,
      expect.stringMatching(
        /^--out ".*" is being written by another run \(process \d+ on .*\); wait for its end/,
      ),
    ].sort(),
  );
  expect(await readdir(out)).not.toContain('run.lock');
});

it('says which result of an earlier run it cannot remove', async () => {
  await mkdir(join(out, 'results.csv'), { recursive: true });
  await expect(run('--weights', at('mean.onnx'), '--quiet')).rejects.toThrow(
    /results\.csv" cannot be removed: /,
  );
});

it('says in one sentence what of a model is not that of a fusion model, and goes on with the others', async () => {
  await saveModel(
    'three.onnx',
    (ops, { a, b, c }) => ({ y: ops.add(ops.add(a as Tensor, b as Tensor), c as Tensor) }),
    { a: GRAY, b: GRAY, c: GRAY },
  );
  await saveModel(
    'two.onnx',
    (ops, { a, b }) => ({ y: ops.add(a as Tensor, b as Tensor), z: ops.mul(a as Tensor, b as Tensor) }),
    { a: GRAY, b: GRAY },
  );
  await saveModel('colour.onnx', mean as never, { a: ['B', 'H', 'W', 3], b: ['B', 'H', 'W', 3] });
  await saveModel('fixed.onnx', mean as never, { a: [1, 32, 32, 1], b: [1, 32, 32, 1] });
  await writeFile(at('broken.onnx'), 'no model');
  await writeFile(at('broken.pth'), 'no weights');
  const bad = [
    'three.onnx',
    'two.onnx',
    'colour.onnx',
    'fixed.onnx',
    'broken.onnx',
    'broken.pth',
    'none.pth',
  ];
  const named = bad.flatMap((name) => ['--weights', `${name}=${at(name)}`]);
  const { code, stdout, stderr } = await run(...named, '--weights', at('mean.onnx'), '--quiet');
  expect(code).toBe(2);
  expect(stdout).toContain('mean of 2');
  const wanted = 'give a model of two gray pictures, float32 [B, 1, H, W], and one fused picture';
  for (const line of [
    `error: three.onnx: "${at('three.onnx')}" has 3 inputs; ${wanted}`,
    `error: two.onnx: "${at('two.onnx')}" has 2 outputs; ${wanted}`,
    `error: colour.onnx: "${at('colour.onnx')}": the input "a" is float [B, 3, H, W]; ${wanted}`,
    `error: fixed.onnx: 01: "${at('fixed.onnx')}" takes pictures of 32x32 pixels alone, got 24x16; export it with axes of any length`,
  ]) {
    expect(stderr).toContain(`${line}\n`);
  }
  expect(stderr).toMatch(/error: broken\.onnx: "[^\n]*not an intact ONNX model/);
  expect(stderr).toMatch(/error: broken\.pth: /);
  expect(stderr).toMatch(/error: none\.pth: [^\n]*none\.pth/);
  expect(stderr).not.toContain('    at ');
});

it('keeps gray pictures, or with --color the colour of the sources', async () => {
  await mkdir(at('colour'), { recursive: true });
  const values = Uint8Array.from({ length: HEIGHT * WIDTH * 3 }, (_, i) => (i % 3) * 90 + (i % 50));
  await writePng(at('colour', '01.png'), picture(values, [HEIGHT, WIDTH, 3]));
  const fuse = (...more: string[]) =>
    bench(
      'run',
      '--a',
      at('ir'),
      '--b',
      at('colour'),
      '--weights',
      at('mean.onnx'),
      '--out',
      out,
      '--quiet',
      ...more,
    );
  // A source of ir has no partner.
  expect((await fuse()).code).toBe(2);
  const gray = await readPicture(join(out, 'mean', '01.png'));
  await fuse('--color');
  const color = await readPicture(join(out, 'mean', '01.png'));
  expect([gray.shape, color.shape]).toEqual([
    [HEIGHT, WIDTH],
    [HEIGHT, WIDTH, 3],
  ]);
});

it('takes data sets from a file, each in a folder of its own, beside methods that are there', async () => {
  const config = at('table.yaml');
  await writeFile(
    config,
    'metrics: [EN]\ndatasets:\n  - { name: day, a: ir, b: vi, methods: { same: ir } }\n  - { name: night, a: vi, b: ir }\n',
  );
  const outcome = await bench(
    'run',
    '--config',
    config,
    '--weights',
    at('mean.onnx'),
    '--out',
    out,
    '--quiet',
  );
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  const { dataSets } = await readResults(join(out, 'results.json'));
  expect(dataSets.map(({ name, methods }) => [name, methods.map((method) => method.name)])).toEqual([
    ['day', ['mean', 'same']],
    ['night', ['mean']],
  ]);
  expect(dataSets[1]?.methods[0]?.fused[0]).toBe(join(out, 'night', 'mean', '01.png'));
});

it('finds the sources in --data', async () => {
  const outcome = await bench(
    'run',
    '--data',
    folder,
    '--a',
    'ir',
    '--b',
    'vi',
    '--weights',
    at('mean.onnx'),
    '--out',
    out,
    '--quiet',
  );
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
});

it('refuses what it cannot use in one sentence, and leaves the sources as they are', async () => {
  const model = ['--weights', at('mean.onnx')];
  const before = await readdir(folder);
  await expect(bench('run', '--a', at('ir'), ...model, '--out', out)).rejects.toThrow(
    new OptionError('--b is missing; give --a and --b, or --config'),
  );
  await expect(run(...model, '--fused', `mean=${at('ir')}`)).rejects.toThrow(
    new OptionError('--weights and another method are both called "mean"; rename one with NAME=file'),
  );
  // The model's folder would be that of the sources.
  await expect(
    bench('run', '--a', at('ir'), '--b', at('vi'), '--weights', `ir=${at('mean.onnx')}`, '--out', folder),
  ).rejects.toThrow(/^--out must not be the folder of --a/);
  await expect(run(...model, '--data', folder, '--config', 'table.yaml')).rejects.toThrow(OptionError);
  const config = at('names.yaml');
  for (const name of ['Results.JSON', 'scores.jsonl', 'run.lock', 'NUL', 'com1.x']) {
    await expect(run('--weights', `${name}=${at('mean.onnx')}`)).rejects.toThrow(
      `"${name}" cannot be the name of a folder; choose another with NAME=file`,
    );
  }
  await writeFile(config, 'datasets:\n  - { name: Day, a: ir, b: vi }\n  - { name: day, a: ir, b: vi }\n');
  await expect(bench('run', '--config', config, ...model, '--out', out)).rejects.toThrow(
    'the data sets "Day" and "day" differ in upper and lower case alone',
  );
  await writeFile(config, 'datasets:\n  - { name: results.tex, a: ir, b: vi }\n');
  await expect(bench('run', '--config', config, ...model, '--out', out)).rejects.toThrow(
    'the data set "results.tex" has a name that no folder can have; give it another',
  );
  await writeFile(config, 'datasets:\n  - { name: a/b, a: ir, b: vi }\n');
  await expect(bench('run', '--config', config, ...model, '--out', out)).rejects.toThrow(
    new FileError('the data set "a/b" has a name that no folder can have; give it another'),
  );
  await rm(config);
  expect(await readdir(folder)).toEqual(before);
});
