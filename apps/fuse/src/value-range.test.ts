import { OptionError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { valueRange } from './value-range.js';

const parse = valueRange('--range-a');

describe('valueRange', () => {
  it.each([
    ['auto', { lowPercent: 0, highPercent: 100 }],
    ['20000..30000', { low: 20000, high: 30000 }],
    ['-12.5..1e2', { low: -12.5, high: 100 }],
    ['.5...75', { low: 0.5, high: 0.75 }],
    ['1%..99.5%', { lowPercent: 1, highPercent: 99.5 }],
  ])('reads %s', (text, range) => {
    expect(parse(text)).toEqual(range);
  });

  it.each([
    ['10..5', 'have LOW below HIGH'],
    ['5..5', 'have LOW below HIGH'],
    ['99%..1%', 'have LOW below HIGH'],
    ['1%..200%', 'have percentiles from 0% to 100%'],
    ['-1%..50%', 'have percentiles from 0% to 100%'],
  ])('says what is wrong with %s', (text, wanted) => {
    expect(() => parse(text)).toThrow(new OptionError(`--range-a must ${wanted}, got "${text}"`));
  });

  it.each(['', 'full', '1', '1..2..3', '1%..2', '0..1e999', '0x1..9', 'a..b'])('refuses "%s"', (text) => {
    expect(() => parse(text)).toThrow(OptionError);
    expect(() => parse(text)).toThrow(
      `--range-a must be auto, LOW..HIGH as in 20000..30000, or percentiles as in 1%..99%, got "${text}"`,
    );
  });
});
