import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError, OptionError } from '@refusion/core';
import { picture } from '@refusion/image-io';
import { decodePicture, writePng } from '@refusion/image-io/node';
import { parseHTML } from 'linkedom';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Results } from '../results/results.js';
import { resultsText } from '../results/results-text.js';
import { resultsOf } from '../results/test-results.js';
import { bench } from '../test-bench.js';

/** A name that would be a script if it were taken for HTML. */
const NASTY = `<script>alert("1" & '2')</script>`;

type Page = ReturnType<typeof parseHTML>['document'];

let folder: string;
let out: string;
const at = (...names: string[]): string => join(folder, ...names);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-'));
  for (const name of ['a', 'b', 'ours', 'other', 'third']) {
    await mkdir(at(name));
    for (const stem of ['image0', 'image1', 'image2', 'image3']) {
      const values = Uint8Array.from({ length: 30 * 40 }, (_, i) => i % 256);
      await writePng(at(name, `${stem}.png`), picture(values, [30, 40]));
    }
  }
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  out = at(`page-${Math.floor(performance.now() * 1000)}.html`);
});

/** Of three methods, the second equal to the first but for noise of no direction. EN, then SCD. */
function threeMethods(): Results {
  return resultsOf({
    ours: [
      [7, 1.5],
      [7.2, 1.4],
      [6.8, 1.6],
      [7.1, 1.5],
    ],
    other: [
      [7.1, 1],
      [7.1, 1.1],
      [6.9, 1.2],
      [6.98, Number.NaN],
    ],
    third: [
      [5, 0.5],
      [5.1, 0.4],
      [5.2, 0.3],
      [5.3, 0.2],
    ],
  });
}

/** Writes results to a file, their pictures in the test's folder. */
async function saved(results: Results, change: (text: string) => string = (text) => text): Promise<string> {
  const file = at('results.json');
  const text = resultsText(results).replaceAll(/"(a|b|ours|other|third)\/(image\d)/g, (_, name, stem) =>
    JSON.stringify(at(name, stem)).slice(0, -1),
  );
  await writeFile(file, change(text));
  return file;
}

async function pageOf(...options: string[]): Promise<Page> {
  const outcome = await bench('report', ...options, '--out', out);
  expect(outcome).toEqual({ code: 0, stdout: `${out}\n`, stderr: '' });
  return parseHTML(await readFile(out, 'utf8')).document;
}

const textsOf = (root: Page, selector: string): string[] =>
  [...root.querySelectorAll(selector)].map(
    (element) => (element as unknown as { textContent: string }).textContent,
  );

it('has the means, the best in bold and the second underlined, with intervals and ranks', async () => {
  const page = await pageOf(await saved(threeMethods()));
  expect(textsOf(page, '.scores thead th')).toEqual(['method', 'EN ↑', 'SCD ↑', 'rank ↓']);
  expect(textsOf(page, '.scores tbody th')).toEqual(['ours', 'other', 'third']);
  const [ours] = textsOf(page, '.scores tbody tr');
  expect(ours).toMatch(/^ours7\.025≈?6\.\d{3} – 7\.\d{3}1\.500/);
  // SCD of one image is not a number: its means do not compare.
  expect(textsOf(page, '.scores b')).toEqual(['7.025']);
  expect(textsOf(page, '.scores u')).toEqual(['7.020']);
  expect(textsOf(page, '.legend').join()).toContain(
    'SCD of other: the mean is over 3 of 4 images, no other is finite.',
  );
});

it('marks what is not significantly worse than the best', async () => {
  const many = (value: (i: number) => number) => Array.from({ length: 20 }, (_, i) => [value(i), 1] as const);
  const results = resultsOf({
    best: many((i) => 7 + i / 100),
    near: many((i) => 7 + i / 100 + (i % 2 ? 0.01 : -0.0101)),
    far: many((i) => 6 + i / 100),
  });
  const page = await pageOf(await saved(results), '--no-pictures');
  const marks = textsOf(page, '.scores tbody tr').map((row) => /^[a-z]+[\d.]+≈/.test(row));
  expect(marks).toEqual([false, true, false]);
});

it('marks nothing where there are too few images for any test, and says so', async () => {
  const page = await pageOf(await saved(threeMethods()), '--no-pictures');
  expect(textsOf(page, '.scores').join()).not.toContain('≈');
  const legend = textsOf(page, '.legend').join();
  expect(legend).not.toContain('≈');
  expect(legend).toContain(
    "Too few images to tell by a test whether a method is better by EN, SCD: over 4 of them an exact p is at least 0.38 after Holm's correction, however much the methods differ.",
  );
});

it('names the families of the corrections, and compares nothing over no image', async () => {
  const results = resultsOf({
    p: [
      [1, 5],
      [2, Number.NaN],
    ],
    q: [
      [2, Number.NaN],
      [3, 6],
    ],
  });
  const page = await pageOf(await saved(results), '--no-pictures');
  expect(textsOf(page, 'details th[scope=col]').slice(-2)).toEqual(['p (Holm, best)', 'p (Holm, all)']);
  expect(textsOf(page, 'details caption').join()).toContain(
    'of the best method with\nthe others (best) or of every two methods (all)',
  );
  expect(textsOf(page, 'details tbody tr').map((row) => row.trim())).toEqual([
    'ENp − q-1.000-1.000 – -1.00020.5000.5000.500',
    'SCDp − q––0–––',
  ]);
});

it('plots the means and the distributions of every metric', async () => {
  const page = await pageOf(await saved(threeMethods()));
  const labels = [...page.querySelectorAll('[role=img]')].map((svg) => svg.getAttribute('aria-label'));
  expect(labels).toEqual([
    'Means of data by metric, the better end up; the table has the numbers',
    'entropy: scores of the 4 images of data by method',
    'sum of the correlations of differences: scores of the 4 images of data by method',
  ]);
  // A point for each finite score, and a diamond for each mean.
  expect([...page.querySelectorAll('.plots circle[r="1.4"]')]).toHaveLength(12 + 11);
  expect(textsOf(page, '.methods li')).toEqual(['ours', 'other', 'third']);
});

it('shows the pictures of the first pairs, or of those chosen with crops pixel by pixel', async () => {
  const file = await saved(threeMethods());
  const first = await pageOf(file);
  expect(textsOf(first, 'h4')).toEqual(['image0', 'image1', 'image2']);
  const chosen = await pageOf(file, '--show', 'image3:2,3,8,5', '--show', 'image3:20,10,4,4');
  expect(textsOf(chosen, 'h4')).toEqual(['image3']);
  expect(textsOf(chosen, '.pictures figcaption')).toEqual(['source A', 'source B', 'ours', 'other', 'third']);
  const crop = chosen.querySelector('img.crop-0');
  expect(crop.getAttribute('alt')).toBe('image3, source A, crop 1');
  const url = crop.getAttribute('src') ?? '';
  const { data, shape } = await decodePicture(
    Buffer.from(url.replace('data:image/png;base64,', ''), 'base64'),
    'crop',
  );
  expect(shape.slice(0, 2)).toEqual([5, 8]);
  expect([...data.slice(0, 3)]).toEqual([3 * 40 + 2, 3 * 40 + 3, 3 * 40 + 4]);
  const frame = chosen.querySelector('rect.frame-1');
  expect(['x', 'y', 'width', 'height'].map((name) => frame.getAttribute(name))).toEqual([
    '20',
    '10',
    '4',
    '4',
  ]);
  expect([...chosen.querySelectorAll('img:not([alt])')]).toHaveLength(0);
});

it('takes names for text wherever they stand, has no script and loads nothing', async () => {
  const results = resultsOf(
    {
      [NASTY]: [
        [1, 1],
        [2, 2],
      ],
      [`"${NASTY}`]: [
        [1, 2],
        [2, 1],
      ],
    },
    { name: NASTY, notes: [NASTY] },
  );
  const page = await pageOf(await saved(results), '--no-pictures', '--title', NASTY);
  expect(textsOf(page, 'h1')).toEqual([NASTY]);
  expect(textsOf(page, '.methods li')).toEqual([NASTY, `"${NASTY}`]);
  expect([...page.querySelectorAll('script, link, iframe, [onload], [onclick]')]).toHaveLength(0);
  const text = await readFile(out, 'utf8');
  expect(text).not.toMatch(/<script/i);
  expect(text.replaceAll('http://www.w3.org/', '')).not.toMatch(/https?:|@import|url\(/);
  expect(text).toContain(`content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"`);
});

it('has nothing to compare where there is one method', async () => {
  const one = resultsOf({ ours: [[1, 1]] });
  const page = await pageOf(await saved(one), '--no-pictures');
  expect(textsOf(page, 'h3')).toEqual(['Image by image']);
  expect(textsOf(page, '.legend b, .methods')).toEqual([]);
});

it('puts the data sets of several files on one page', async () => {
  const [one, two] = [at('one.json'), at('two.json')];
  await writeFile(one, resultsText(resultsOf({ ours: [[1, 1]] }, { name: 'first' })));
  await writeFile(two, resultsText(resultsOf({ ours: [[2, 2]] }, { name: 'second' })));
  const page = await pageOf(one, two, '--no-pictures');
  expect(textsOf(page, 'h2').slice(0, 2)).toEqual(['first', 'second']);
  expect(textsOf(page, 'nav a')).toEqual(['first', 'second']);
});

it('shows what it can where a picture is missing, and says which is not', async () => {
  const file = await saved(threeMethods(), (text) => text.replace('image1.png', 'gone.png'));
  const outcome = await bench('report', file, '--out', out);
  expect(outcome.code).toBe(2);
  expect(outcome.stderr).toMatch(/^error: data: .*gone\.png.*\n$/);
  expect(textsOf(parseHTML(await readFile(out, 'utf8')).document, 'h4')).toEqual(['image0', 'image2']);
});

it('warns, on the page too, where pictures have changed since they were scored', async () => {
  const results = at('scored.json');
  const sources = ['--a', at('a'), '--b', at('b')];
  await bench(
    'metrics',
    ...sources,
    '--fused',
    `ours=${at('ours')}`,
    '--metrics',
    'EN',
    '--out',
    results,
    '--quiet',
  );
  expect(await pageOf(results)).toBeTruthy();
  const picture0 = at('ours', 'image0.png');
  await utimes(picture0, 1e9, 1e9);
  const sentence = `1 picture has changed since the scores were computed, by size or time: "${picture0}"; score again if what is shown is to be what was scored.`;
  expect(await bench('report', results, '--out', out)).toMatchObject({
    code: 0,
    stderr: `warning: data: ${sentence}\n`,
  });
  const page = parseHTML(await readFile(out, 'utf8')).document;
  expect(textsOf(page, '.warning')).toEqual([`Warning: ${sentence}`]);
  await writeFile(at('a', 'image1.png'), await readFile(at('b', 'image1.png')));
  expect((await bench('report', results, '--out', out)).stderr).toContain('2 pictures have changed');
});

it('refuses what it cannot use in one sentence, and writes nothing', async () => {
  const file = await saved(threeMethods());
  await expect(bench('report', file, join(folder, '.', 'results.json'), '--out', out)).rejects.toThrow(
    new OptionError(`"${file}" is named twice; name each file of results once`),
  );
  await writeFile(at('empty.json'), resultsText({ ...threeMethods(), dataSets: [] }));
  await expect(bench('report', file, at('empty.json'), '--out', out)).rejects.toThrow(
    new FileError(`"${at('empty.json')}" has no data set that could be scored`),
  );
  const before = await readdir(folder);
  await expect(bench('report', file, '--out', out, '--show', 'image0:30,20,20,5')).rejects.toThrow(
    new OptionError('--show image0:30,20,20,5 reaches out of the picture of 40x30 pixels'),
  );
  await expect(bench('report', file, '--out', out, '--show', 'none')).rejects.toThrow(OptionError);
  await expect(bench('report', at('a', 'image0.png'), '--out', out)).rejects.toThrow(
    new FileError(
      `"${at('a', 'image0.png')}" is not a file of results; make one with bench metrics --out results.json`,
    ),
  );
  await expect(bench('report', at('missing.json'), '--out', out)).rejects.toThrow(FileError);
  await expect(bench('report', file, '--out', file)).rejects.toThrow(
    new OptionError(`--out ${file} is a file of results; choose another name for the page`),
  );
  await expect(bench('report', file, '--out', out, '--digits', '200')).rejects.toThrow(OptionError);
  expect(await readdir(folder)).toEqual(before);
});
