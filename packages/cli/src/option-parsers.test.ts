import { OptionError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import {
  byteSize,
  choice,
  list,
  nameAndPath,
  nonNegativeNumber,
  positiveNumber,
  wholeNumber,
} from './option-parsers.js';

function expectRefused(parse: () => unknown, message: string): void {
  expect(parse).toThrow(OptionError);
  expect(parse).toThrow(message);
}

const NOT_NUMBERS = [
  '',
  ' ',
  '1e',
  'abc',
  'NaN',
  'Infinity',
  '-3',
  '0x10',
  '1_000',
  '1,5',
  '.',
  '1e999',
  '5 ',
];

describe('wholeNumber', () => {
  const parse = wholeNumber('--batch', { atLeast: 1 });

  it('reads digits', () => {
    expect(['1', '2', '600', '007'].map(parse)).toEqual([1, 2, 600, 7]);
    expect(wholeNumber('--seed', { atLeast: 0 })('0')).toBe(0);
  });

  it.each([...NOT_NUMBERS, '0', '1.5', '1e3', '9007199254740992'])('refuses "%s"', (text) => {
    expectRefused(() => parse(text), `--batch must be a whole number of at least 1, got "${text}"`);
  });
});

describe('positiveNumber and nonNegativeNumber', () => {
  it('read decimal numbers', () => {
    const texts = ['1', '0.5', '.5', '2.', '1e-4', '1.5E+2'];
    const numbers = [1, 0.5, 0.5, 2, 0.0001, 150];
    expect(texts.map(positiveNumber('--eta'))).toEqual(numbers);
    expect(texts.map(nonNegativeNumber('--alpha'))).toEqual(numbers);
    expect(nonNegativeNumber('--alpha')('0')).toBe(0);
  });

  it.each(NOT_NUMBERS)('refuse "%s"', (text) => {
    expectRefused(() => positiveNumber('--eta')(text), `--eta must be a number above 0, got "${text}"`);
    expectRefused(() => nonNegativeNumber('--a')(text), `--a must be a number of at least 0, got "${text}"`);
  });

  it('refuse 0 where it is not positive, also when it is a number too small to hold', () => {
    expectRefused(() => positiveNumber('--eta')('0'), '--eta must be a number above 0, got "0"');
    expectRefused(() => positiveNumber('--eta')('1e-999'), '--eta must be a number above 0, got "1e-999"');
  });
});

describe('byteSize', () => {
  it('reads bytes, thousands and so on', () => {
    const texts = ['800', '64k', '512MB', '2GB', '1.5g', '.5 gb', '1TB'];
    expect(texts.map(byteSize('--max-memory'))).toEqual([800, 64e3, 512e6, 2e9, 1.5e9, 5e8, 1e12]);
  });

  it.each(['', 'GB', '0', '-1GB', '2XB', '1e9', '2 G B', '9999999TB', '0.1'])('refuses "%s"', (text) => {
    const message = `--max-memory must be a size such as 2GB or 512MB, got "${text}"`;
    expectRefused(() => byteSize('--max-memory')(text), message);
  });
});

describe('choice', () => {
  const parse = choice('--task', ['ivif', 'mif']);

  it('takes one of the words', () => {
    expect(parse('mif')).toBe('mif');
  });

  it.each(['', 'ivi', 'toString'])('refuses "%s"', (text) => {
    expectRefused(() => parse(text), `--task must be one of ivif, mif, got "${text}"`);
  });

  it('suggests a word that differs in case and hyphens alone', () => {
    expectRefused(() => parse('IVIF'), '--task must be one of ivif, mif, got "IVIF"; did you mean ivif?');
    const metric = choice('--metrics', ['EN', 'PSNR-R']);
    expectRefused(
      () => metric('psnr_r'),
      '--metrics must be one of EN, PSNR-R, got "psnr_r"; did you mean PSNR-R?',
    );
  });
});

describe('list', () => {
  it('splits at commas and reads each word', () => {
    expect(list('--tags')('a, b,c')).toEqual(['a', 'b', 'c']);
    expect(list('--sizes', wholeNumber('--sizes', { atLeast: 1 }))('64,128')).toEqual([64, 128]);
  });

  it.each(['', ',', 'a,,b', 'a,'])('refuses "%s"', (text) => {
    expectRefused(() => list('--tags')(text), `--tags must be a list separated by commas, got "${text}"`);
  });

  it('refuses a word that its reader refuses', () => {
    const parse = list('--metrics', choice('--metrics', ['EN', 'SD']));
    expectRefused(() => parse('EN,XX'), '--metrics must be one of EN, SD, got "XX"');
  });
});

describe('nameAndPath', () => {
  const parse = nameAndPath('--fused');

  it('gathers names and folders, a folder with = too', () => {
    expect(parse('b=x=y', parse('a=out'))).toEqual([
      { name: 'a', path: 'out' },
      { name: 'b', path: 'x=y' },
    ]);
  });

  it.each(['', 'out', '=out', 'a='])('refuses "%s"', (text) => {
    expectRefused(() => parse(text), `--fused must be NAME=folder, got "${text}"`);
  });

  it('refuses a name given twice', () => {
    expectRefused(
      () => parse('a=other', parse('a=out')),
      '--fused has the name "a" twice, choose another for "other"',
    );
  });
});
