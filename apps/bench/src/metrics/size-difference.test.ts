import { describe, expect, it } from 'vitest';
import { sizeDifference } from './size-difference.js';

const of = (height: number, width: number): string =>
  sizeDifference({ shape: [height, width] }, { shape: [480, 640] });

describe('sizeDifference', () => {
  it.each([
    [470, 630, '10 rows and 10 columns fewer: cropped?'],
    [480, 639, '1 column fewer: cropped?'],
    [488, 640, '8 rows more: padded?'],
    [512, 672, '32 rows and 32 columns more: padded?'],
    [470, 650, '10 rows fewer and 10 columns more: another picture?'],
    [640, 480, 'rows and columns are exchanged: turned?'],
    [240, 320, '240 rows and 320 columns fewer: scaled?'],
    [960, 1280, '480 rows and 640 columns more: scaled?'],
    [8, 8, '472 rows and 632 columns fewer: another picture?'],
  ])('of %ix%i instead of 480x640', (height, width, text) => {
    expect(of(height, width)).toBe(text);
  });
});
