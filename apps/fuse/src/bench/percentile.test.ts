import { OptionError } from '@refusion/core';
import { expect, it } from 'vitest';
import { percentile } from './percentile.js';

it('gives the nearest rank', () => {
  // The worked example of nearest rank: https://en.wikipedia.org/wiki/Percentile
  const values = [50, 15, 35, 20, 40];
  expect([0.05, 0.3, 0.4, 0.5, 1].map((share) => percentile(values, share))).toEqual([15, 20, 20, 35, 50]);
  expect(values).toEqual([50, 15, 35, 20, 40]);
});

it('needs a value', () => {
  expect(() => percentile([], 0.5)).toThrow(OptionError);
});
