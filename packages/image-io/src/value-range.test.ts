import { OptionError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { picture } from './picture.js';
import { AUTO_RANGE, scaleValues, type ValueRange } from './value-range.js';

const row = (...values: number[]) => picture(Float32Array.from(values), [1, values.length]);
const scaled = (values: number[], range: ValueRange): number[] => [
  ...scaleValues(row(...values), range).data,
];

describe('scaleValues', () => {
  it('maps low to 0 and high to 255, does not round, and clips', () => {
    expect(scaled([-9, 10, 11, 12.5, 15, 99], { low: 10, high: 15 })).toEqual([0, 0, 51, 127.5, 255, 255]);
  });

  it('takes extremes and percentiles, whatever the order of the values', () => {
    expect(scaled([30, -20, 5], AUTO_RANGE)).toEqual([255, 0, 127.5]);
    // Of 0, 10, 20, 30, 40 the percentiles 10 and 85 are 4 and 34, by hand.
    const within = scaled([40, 0, 30, 10, 20], { lowPercent: 10, highPercent: 85 });
    [255, 0, (26 / 30) * 255, (6 / 30) * 255, (16 / 30) * 255].forEach((value, i) => {
      expect(within[i]).toBeCloseTo(value, 4);
    });
  });

  it('does not divide by zero: what is above the one value is white, all else black', () => {
    expect(scaled([7, 7], AUTO_RANGE)).toEqual([0, 0]);
    expect(scaled([7, 3, 9, 7, 7, 7, 7, 7, 7], { lowPercent: 20, highPercent: 80 })).toEqual([
      0, 0, 255, 0, 0, 0, 0, 0, 0,
    ]);
  });

  it('keeps the source as it is, and its shape', () => {
    const source = picture(Uint16Array.of(3, 1, 2, 6, 5, 4), [1, 2, 3]);
    const result = scaleValues(source, { lowPercent: 1, highPercent: 99 });
    expect(result.shape).toEqual([1, 2, 3]);
    expect([...source.data]).toEqual([3, 1, 2, 6, 5, 4]);
  });

  it.each<[ValueRange, string]>([
    [{ low: 2, high: 2 }, 'two finite numbers, the lower first, got 2..2'],
    [{ low: Number.NaN, high: 2 }, 'two finite numbers, the lower first, got NaN..2'],
    [{ low: 0, high: Number.POSITIVE_INFINITY }, 'got 0..Infinity'],
    [{ lowPercent: -1, highPercent: 50 }, 'two percentiles in 0..100, the lower first, got -1%..50%'],
    [{ lowPercent: 50, highPercent: 101 }, 'got 50%..101%'],
  ])('refuses %j', (range, message) => {
    expect(() => scaled([1, 2], range)).toThrow(OptionError);
    expect(() => scaled([1, 2], range)).toThrow(message);
  });
});
