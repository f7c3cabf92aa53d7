import { expect, it } from 'vitest';
import { isEven } from './frame-times.js';

it.each([
  ['of one frame', [7], true],
  ['in the order of decoding', [0, 0.12, 0.04, 0.08], true],
  ['rounded to milliseconds, at 60 a second', [0, 0.017, 0.033, 0.05, 0.067], true],
  ['with one left out', [0, 0.04, 0.12, 0.16], false],
  ['with one twice', [0, 0.04, 0.04, 0.08], false],
])('tells whether times are even: %s', (what, times, even) => {
  expect(isEven(times, what.includes('60') ? 60 : 25)).toBe(even);
});
