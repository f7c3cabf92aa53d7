import { expect, it } from 'vitest';
import { LossTrend } from './trend.js';

/** The trend of a loss whose updates have the values 0, 1, 2, .... */
function trendOf(count: number) {
  const trend = new LossTrend();
  for (let i = 0; i < count; i++) trend.add({ type: 'meta-step', numbers: new Map([['outer.total', i]]) });
  return trend.summary()['outer'] ?? expect.unreachable();
}

it.each([
  [1, 0, 0],
  [9, 0, 8],
  [40, 1.5, 37.5],
  [2000, 99.5, 1899.5],
])('of %i updates is the mean of the first tenth and of the last', (count, first, last) => {
  expect(trendOf(count)).toEqual({ first, last });
});

// By hand: the tenth of a straight line from 0 has its mean at a twentieth.
it.each([2001, 50_000, 123_457])('of %i updates is so to a percent of them', (count) => {
  const { first, last } = trendOf(count);
  expect(Math.abs(first / count - 0.05)).toBeLessThan(0.005);
  expect(Math.abs(last / count - 0.95)).toBeLessThan(0.005);
});

it('passes over what a log that was edited does not have', () => {
  const trend = new LossTrend();
  trend.add({ type: 'fusion-update', numbers: new Map([['fusion.total', 2]]) });
  trend.add({ type: 'something', numbers: new Map() });
  const both = { first: 2, last: 2 };
  expect(trend.summary()).toEqual({ fusion: both, 'fusion intensity': both });
});
