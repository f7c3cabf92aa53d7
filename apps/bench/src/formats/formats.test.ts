import { OptionError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { resultsOf } from '../results/test-results.js';
import type { BoardOptions } from './board.js';
import { FORMATS, formatOfFile } from './formats.js';

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const plain: BoardOptions = { perImage: false, stats: false, digits: 3 };

/** Three methods with a mean that ties, one over fewer images, and a name that needs quotes and escapes. */
const partial = resultsOf({
  p: [
    [1, 0.25],
    [2, nan],
  ],
  'q,r': [
    [3, 1],
    [-0.00011, infinity],
  ],
  s_1: [
    [1, 2],
    [1, 3],
  ],
});
const complete = resultsOf({ p: [[1, 9]], q: [[3, -2]], r: [[2, 0.5]] });

const bars = (text: string) => text.split('\n').filter((line) => /^[│|]/.test(line));

describe('table', () => {
  it('marks the best means and the second, and says where one is over fewer images', () => {
    const lines = FORMATS.table(partial, plain).split('\n');
    expect(bars(lines.join('\n'))).toEqual([
      '│ method │ image     │    EN ↑ │ SCD ↑ │ rank ↓ │',
      '│ p      │ mean of 2 │ * 1.500 │ 0.250 │   1.00 │',
      '│ q,r    │ mean of 2 │ * 1.500 │ 1.000 │   2.00 │',
      '│ s_1    │ mean of 2 │ + 1.000 │ 2.500 │   3.00 │',
    ]);
    expect(lines.slice(-5)).toEqual([
      'SCD of p: the mean is over 1 of 2 images, no other is finite.',
      'SCD of q,r: the mean is over 1 of 2 images, no other is finite.',
      '',
      'convention evaluator; ↑ higher is better, ↓ lower is better, * best mean, + second, rank: mean over the metrics',
      '',
    ]);
  });

  it('marks nothing where there is one method, and no second of two', () => {
    expect(FORMATS.table(resultsOf({ p: [[1, 2]] }), plain)).not.toMatch(/[*+]|rank/);
    const two = FORMATS.table(resultsOf({ p: [[1, 2]], q: [[3, 4]] }), plain);
    expect(two).toContain('* 3.000');
    expect(two).not.toContain('+');
  });

  it('shows each image where it is asked to, with as many places', () => {
    const one = resultsOf({
      p: [
        [1, 0.25],
        [2, nan],
      ],
    });
    expect(bars(FORMATS.table(one, { ...plain, perImage: true, digits: 1 }))).toEqual([
      '│ method │ image     │ EN ↑ │ SCD ↑ │',
      '│ p      │ image0    │  1.0 │   0.3 │',
      '│ p      │ image1    │  2.0 │   NaN │',
      '│ p      │ mean of 2 │  1.5 │   0.3 │',
    ]);
  });

  it('shows deviations, medians, intervals and tests where it is asked to', () => {
    const two = resultsOf({
      p: [
        [1, 5],
        [3, 5],
      ],
      q: [
        [2, 7],
        [6, 6],
      ],
    });
    const rows = bars(FORMATS.table(two, { ...plain, stats: true })).map((row) => row.replace(/ +/g, ' '));
    expect(rows).toEqual([
      '│ method │ image │ EN ↑ │ SCD ↑ │ rank ↓ │',
      '│ p │ mean of 2 │ 2.000 │ 5.000 │ 2.00 │',
      '│ p │ sd │ 1.414 │ 0.000 │ │',
      '│ p │ median │ 2.000 │ 5.000 │ │',
      '│ p │ 95 % from │ 1.000 │ 5.000 │ │',
      '│ p │ 95 % to │ 3.000 │ 5.000 │ │',
      '│ q │ mean of 2 │ * 4.000 │ * 6.500 │ 1.00 │',
      '│ q │ sd │ 2.828 │ 0.707 │ │',
      '│ q │ median │ 4.000 │ 6.500 │ │',
      '│ q │ 95 % from │ 2.000 │ 6.000 │ │',
      '│ q │ 95 % to │ 6.000 │ 7.000 │ │',
      '│ metric │ best │ against │ difference │ 95 % from │ 95 % to │ p │ p (Holm, best) │ p (Holm, all) │',
      '│ EN │ q │ p │ 2.000 │ 1.000 │ 3.000 │ 0.50 │ 0.50 │ 0.50 │',
      '│ SCD │ q │ p │ 1.500 │ 1.000 │ 2.000 │ 0.50 │ 0.50 │ 0.50 │',
    ]);
  });

  it('names the families of the corrections, and says where there are too few images for any test', () => {
    const of = (images: number) =>
      FORMATS.table(
        resultsOf({
          p: Array.from({ length: images }, (_, i) => [i, 2 * i + 1] as const),
          q: Array.from({ length: images }, (_, i) => [i + 1 + i / 10, i] as const),
          r: Array.from({ length: images }, (_, i) => [i - 1 - i / 7, -2 * i] as const),
        }),
        { ...plain, stats: true },
      );
    expect(of(5)).toContain(
      "Too few images to tell by a test whether a method is better by EN, SCD: over 5 of them an exact p is at least 0.19 after Holm's correction, however much the methods differ.",
    );
    // 2 / 2^7 of each comparison: two with the best, three in all, whose correction decides.
    expect(of(7)).not.toContain('Too few');
    expect(of(7)).toMatch(/EN .* q .* p .* 0\.016 .* 0\.031 .* 0\.047 /);
    expect(of(7)).toContain('of the best method with the others (best) or of every two methods (all)');
  });

  it('does not compare methods that have no image in common', () => {
    const apart = resultsOf({
      p: [
        [1, 5],
        [2, nan],
      ],
      q: [
        [2, nan],
        [3, 6],
      ],
    });
    expect(apart.dataSets[0]?.comparisons[1]).toMatchObject({
      metric: 'SCD',
      count: 0,
      difference: nan,
      test: { pValue: nan, holmAllPairs: nan, holmBest: nan },
    });
    for (const format of ['table', 'md', 'latex'] as const) {
      const text = FORMATS[format](apart, { ...plain, stats: true }).replace(/ +/g, ' ');
      expect(text).toContain('SCD of p and q: not compared, for no image has a finite score of both.');
      expect(text).toMatch(/EN [|│&] q /);
      expect(text).not.toMatch(/SCD [|│&] q /);
    }
  });

  it('shows an infinite mean where every score is that, as the best', () => {
    const perfect = resultsOf({ p: [[1, 5]], q: [[2, infinity]] });
    const text = FORMATS.table(perfect, plain);
    expect(text).toMatch(/│ q +│ mean of 1 │ \* 2\.000 │ \* Infinity │ +1\.00 │/);
    expect(text).toContain('\nSCD of q is Infinity for every image.\n');
    expect(FORMATS.latex(perfect, plain)).toContain('\\textbf{$\\infty$}');
  });

  it('names the data sets where there are several', () => {
    const [dataSet] = resultsOf({ p: [[5, 6]] }, { name: 'TNO' }).dataSets;
    const both = { ...complete, dataSets: [...complete.dataSets, ...(dataSet ? [dataSet] : [])] };
    const text = FORMATS.table(both, plain);
    expect(text).toMatch(/^data\n\n┌/);
    expect(text).toContain('\n\nTNO\n\n┌');
  });
});

it('md: the best mean is bold, the second italic, and notes are paragraphs', () => {
  const noted = resultsOf({ p: [[1, 9]], q: [[3, -2]], r: [[2, 0.5]] }, { notes: ['A note.', 'B.'] });
  expect(FORMATS.md(noted, plain)).toBe(
    [
      '| method | image | EN ↑ | SCD ↑ | rank ↓ |',
      '| --- | --- | ---: | ---: | ---: |',
      '| p | mean of 1 | 1.000 | **9.000** | 2.00 |',
      '| q | mean of 1 | **3.000** | -2.000 | 2.00 |',
      '| r | mean of 1 | *2.000* | *0.500* | 2.00 |',
      '',
      'A note.',
      '',
      'B.',
      '',
      'convention evaluator; ↑ higher is better, ↓ lower is better, bold: best mean, italic: second, rank: mean over the metrics',
      '',
    ].join('\n'),
  );
});

describe('csv', () => {
  it('has all digits, and rows that say what they are', () => {
    const noted = resultsOf({ 'q,r': [[1 / 3, nan]], s: [[1, 2]] }, { notes: ['A note.'] });
    const low = 'data,"q,r",low,,NaN,NaN,';
    expect(FORMATS.csv(noted, plain).split('\r\n')).toEqual([
      'dataset,method,row,image,EN,SCD,rank',
      'data,"q,r",image,image0,0.3333333333333333,NaN,',
      'data,"q,r",mean,,0.3333333333333333,NaN,2',
      'data,"q,r",sd,,NaN,NaN,',
      'data,"q,r",median,,0.3333333333333333,NaN,',
      low,
      low.replace('low', 'high'),
      'data,s,image,image0,1,2,',
      'data,s,mean,,1,2,1',
      'data,s,sd,,NaN,NaN,',
      'data,s,median,,1,2,',
      'data,s,low,,NaN,NaN,',
      'data,s,high,,NaN,NaN,',
      'data,,note,A note.,,,',
      'data,,note,"SCD of q,r: the mean is over 0 of 1 images, no other is finite.",,,',
      '',
    ]);
  });
});

describe('formatOfFile', () => {
  it('goes by the extension', () => {
    expect(['a.txt', 'a.CSV', 'a.json', 'b/a.md', 'a.tex'].map(formatOfFile)).toEqual([
      'table',
      'csv',
      'json',
      'md',
      'latex',
    ]);
  });

  it.each(['scores', 'scores.xlsx', '.json'])('refuses %s', (path) => {
    expect(() => formatOfFile(path)).toThrow(OptionError);
    expect(() => formatOfFile(path)).toThrow(
      `--out must end in .txt, .csv, .json, .md, .tex, or stand beside --format, got "${path}"`,
    );
  });
});
