import { expect, it } from 'vitest';
import { formatDuration, formatRate } from './duration.js';

it.each([
  [0, '0 s'],
  [59.4, '59 s'],
  [59.6, '1 min 0 s'],
  [190, '3 min 10 s'],
  [3599.7, '1 h 0 min'],
  [7500, '2 h 5 min'],
])('%d seconds are %s', (seconds, text) => {
  expect(formatDuration(seconds)).toBe(text);
});

it.each([
  [0.075, '4.5/min'],
  [1, '1.0/s'],
  [3.24, '3.2/s'],
  [12.4, '12/s'],
])('%d a second is %s', (rate, text) => {
  expect(formatRate(rate)).toBe(text);
});
