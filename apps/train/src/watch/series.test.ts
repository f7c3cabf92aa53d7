import { describe, expect, it } from 'vitest';
import { MOST_POINTS, Series } from './series.js';

const numbers = (record: Record<string, number>) => new Map(Object.entries(record));

describe('Series', () => {
  it('has every update while there are few, and gaps where an update lacks a number', () => {
    const series = new Series();
    series.add(numbers({ loss: 3, outer: 1 }));
    series.add(numbers({ loss: 2 }));
    series.add(numbers({ loss: 1.23456789 }));
    expect(series.snapshot()).toEqual({
      updates: 3,
      bucket: 1,
      curves: {
        loss: { mean: [3, 2, 1.23457], min: [], max: [] },
        outer: { mean: [1, null, null], min: [], max: [] },
      },
    });
  });

  it('keeps the mean and the range of a long run in a bounded number of points', () => {
    const series = new Series();
    const updates = 100_000;
    // 0 to 99,999, with every tenth one alone in having an outer loss.
    for (let i = 0; i < updates; i++)
      series.add(numbers(i % 10 === 0 ? { loss: i, outer: -i } : { loss: i }));
    const { bucket, curves } = series.snapshot();
    const { mean, min, max } = curves['loss'] ?? { mean: [], min: [], max: [] };
    expect(bucket).toBe(128);
    expect(mean.length).toBe(Math.ceil(updates / bucket));
    expect(mean.length).toBeLessThanOrEqual(MOST_POINTS);
    mean.slice(0, -1).forEach((value, i) => {
      // Six digits are kept.
      const exact = bucket * i + (bucket - 1) / 2;
      expect(Math.abs((value as number) - exact)).toBeLessThanOrEqual(1e-5 * exact);
    });
    expect([min[3], max[3]]).toEqual([384, 511]);
    expect(max.at(-1)).toBe(updates - 1);
    expect(curves['outer']?.min[0]).toBe(-120);
  });

  it('starts anew', () => {
    const series = new Series();
    for (let i = 0; i < 3000; i++) series.add(numbers({ loss: i }));
    series.clear();
    expect(series.snapshot()).toEqual({ updates: 0, bucket: 1, curves: {} });
  });

  it('holds no more curves than a page can show', () => {
    const series = new Series();
    for (let i = 0; i < 1000; i++) series.add(numbers({ [`n${i}`]: i }));
    expect(Object.keys(series.snapshot().curves).length).toBe(64);
  });
});
