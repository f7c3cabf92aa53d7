import { OptionError } from '@refusion/core';
import { expect, it } from 'vitest';
import { resultsOf } from '../results/test-results.js';
import { expectShown, type Shown, shownPairs, shownPicture } from './show.js';

const parsed = (...texts: string[]): readonly Shown[] =>
  texts.reduce<readonly Shown[]>((before, text) => shownPicture(text, before), []);

it('reads stems and crops, those of a stem together', () => {
  expect(parsed('01:1,2,30,40', 'a:b', '01:5,6,7,8')).toEqual([
    {
      stem: '01',
      crops: [
        { x: 1, y: 2, width: 30, height: 40 },
        { x: 5, y: 6, width: 7, height: 8 },
      ],
    },
    { stem: 'a:b', crops: [] },
  ]);
});

it('takes what is no crop for a part of the stem', () => {
  expect(parsed('01:1,2,0,4', '02:1,2')).toEqual([
    { stem: '01:1,2,0,4', crops: [] },
    { stem: '02:1,2', crops: [] },
  ]);
});

it('refuses an empty stem, and more crops than there are colours', () => {
  expect(() => parsed(':1,2,3,4')).toThrow(
    new OptionError('--show must be STEM or STEM:x,y,w,h, got ":1,2,3,4"'),
  );
  const five = Array.from({ length: 5 }, (_, x) => `01:${x},0,1,1`);
  expect(() => parsed(...five)).toThrow(new OptionError('--show 01 has more than 4 crops, leave some out'));
});

it('finds the pairs of a data set, by default the first three', () => {
  const { dataSets } = resultsOf({ ours: Array.from({ length: 5 }, () => [1, 1] as const) });
  const [dataSet] = dataSets as [(typeof dataSets)[0]];
  expect(shownPairs(dataSet, undefined).map(({ stem }) => stem)).toEqual(['image0', 'image1', 'image2']);
  expect(shownPairs(dataSet, parsed('image4:0,0,1,1', 'other'))).toMatchObject([
    { stem: 'image4', place: 4, pair: { a: 'a/image4.png' }, crops: [{ width: 1 }] },
  ]);
  expect(() => expectShown(dataSets, parsed('image4'))).not.toThrow();
  for (const crop of ['1,2,0,4', '1,2', '1,2,3.5,4', '-1,2,3,4', '']) {
    expect(() => expectShown(dataSets, parsed(`image4:${crop}`))).toThrow(
      new OptionError(
        `--show image4:${crop}: "${crop}" is no crop; give x,y,w,h in whole pixels, w and h at least 1, such as image4:40,60,80,50`,
      ),
    );
  }
  expect(() => expectShown(dataSets, parsed('other'))).toThrow(
    new OptionError(
      '--show other: the results have no such image; they have image0, image1, image2, image3, image4 and so on',
    ),
  );
});
