import { METRICS } from '@refusion/metrics';
import { describe, expect, it } from 'vitest';
import { bestMeans } from './best-means.js';
import { FORMATS } from './formats.js';
import { methodScores, type ScoreBoard } from './scores.js';

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;

/** Scores of EN and SCD, by image. */
function board(methods: { readonly [name: string]: readonly (readonly [number, number])[] }): ScoreBoard {
  return {
    convention: 'evaluator',
    metrics: METRICS.filter(({ id }) => id === 'EN' || id === 'SCD'),
    methods: Object.entries(methods).map(([name, scores]) =>
      methodScores(
        name,
        scores.map((values, image) => ({ stem: `image${image}`, values })),
      ),
    ),
  };
}

describe('methodScores', () => {
  it('leaves values that are not finite out of a mean and says over how many images it is', () => {
    const { means } = methodScores('m', [
      { stem: 'x', values: [1, nan, -infinity] },
      { stem: 'y', values: [2, 5, nan] },
      { stem: 'z', values: [6, infinity, nan] },
    ]);
    expect(means).toEqual([
      { value: 3, count: 3 },
      { value: 5, count: 1 },
      { value: nan, count: 0 },
    ]);
  });
});

describe('bestMeans', () => {
  it('takes the direction from the metric', () => {
    const { methods } = board({ p: [[1, 9]], q: [[3, 2]] });
    const [EN, SCD] = METRICS.filter(({ id }) => id === 'EN' || id === 'SCD');
    if (!EN || !SCD) throw new Error('EN and SCD are metrics');
    const lower = { ...SCD, better: 'lower' as const };
    expect(bestMeans({ convention: 'evaluator', metrics: [EN, SCD], methods })).toEqual(['3.000', '9.000']);
    expect(bestMeans({ convention: 'evaluator', metrics: [EN, lower], methods })).toEqual(['3.000', '2.000']);
  });

  it('compares nothing where there is one method, or a mean over fewer images', () => {
    expect(bestMeans(board({ p: [[1, 2]] }))).toEqual([null, null]);
    expect(bestMeans(board({ p: [[1, nan]], q: [[2, 1]] }))).toEqual(['2.000', null]);
  });
});

describe('the formats', () => {
  const two = board({
    p: [
      [1, 0.25],
      [2, nan],
    ],
    'q,r': [
      [3, 1],
      [-0.00011, infinity],
    ],
  });

  it('table: marks the best mean, and says where one is over fewer images', () => {
    const lines = FORMATS.table(two, false).split('\n');
    expect(lines.filter((line) => line.startsWith('│'))).toEqual([
      '│ method │ image     │    EN ↑ │ SCD ↑ │',
      '│ p      │ mean of 2 │ * 1.500 │ 0.250 │',
      '│ q,r    │ mean of 2 │ * 1.500 │ 1.000 │',
    ]);
    expect(lines.slice(-4)).toEqual([
      'convention evaluator; ↑ higher is better, ↓ lower is better, * best mean',
      'SCD of p: the mean is over 1 of 2 images, no other is finite',
      'SCD of q,r: the mean is over 1 of 2 images, no other is finite',
      '',
    ]);
  });

  it('table: shows each image where it is asked to', () => {
    const rows = FORMATS.table(
      board({
        p: [
          [1, 0.25],
          [2, nan],
        ],
      }),
      true,
    )
      .split('\n')
      .filter((line) => line.startsWith('│'));
    expect(rows).toEqual([
      '│ method │ image     │  EN ↑ │ SCD ↑ │',
      '│ p      │ image0    │ 1.000 │ 0.250 │',
      '│ p      │ image1    │ 2.000 │   NaN │',
      '│ p      │ mean of 2 │ 1.500 │ 0.250 │',
    ]);
  });

  it('md: the best mean is bold', () => {
    expect(FORMATS.md(board({ p: [[1, 0.25]], q: [[2, 0.125]] }), false)).toBe(
      [
        '| method | image | EN ↑ | SCD ↑ |',
        '| --- | --- | ---: | ---: |',
        '| p | mean of 1 | 1.000 | **0.250** |',
        '| q | mean of 1 | **2.000** | 0.125 |',
        '',
        'convention evaluator; ↑ higher is better, ↓ lower is better, bold: best mean',
        '',
      ].join('\n'),
    );
  });

  it('csv: all digits, a row for each image and for the means', () => {
    expect(FORMATS.csv(two, false)).toBe(
      [
        'method,image,EN,SCD',
        'p,image0,1,0.25',
        'p,image1,2,NaN',
        'p,mean,1.5,0.25',
        '"q,r",image0,3,1',
        '"q,r",image1,-0.00011,Infinity',
        '"q,r",mean,1.499945,1',
        '',
      ].join('\r\n'),
    );
  });

  it('json: by method, image and metric, with strings for what JSON has no number for', () => {
    expect(JSON.parse(FORMATS.json(two, false))).toEqual({
      convention: 'evaluator',
      methods: {
        p: {
          mean: { EN: 1.5, SCD: 0.25 },
          images: { image0: { EN: 1, SCD: 0.25 }, image1: { EN: 2, SCD: 'NaN' } },
        },
        'q,r': {
          mean: { EN: 1.499945, SCD: 1 },
          images: { image0: { EN: 3, SCD: 1 }, image1: { EN: -0.00011, SCD: 'Infinity' } },
        },
      },
    });
  });
});
