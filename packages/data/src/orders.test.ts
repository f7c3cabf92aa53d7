import { OptionError, rng } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { epochOrder, splitHalves } from './orders.js';

const sorted = (numbers: readonly number[]) => [...numbers].sort((p, q) => p - q);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('epochOrder', () => {
  it('has every number once, in an order of the seed', () => {
    expect(sorted(epochOrder(50, rng(1)))).toEqual(upTo(50));
    expect(epochOrder(50, rng(1))).toEqual(epochOrder(50, rng(1)));
    expect(epochOrder(50, rng(1))).not.toEqual(epochOrder(50, rng(2)));
    expect(epochOrder(50, rng(1))).not.toEqual(upTo(50));
  });

  it('is empty for no pairs', () => {
    expect(epochOrder(0, rng(1))).toEqual([]);
  });
});

describe('splitHalves', () => {
  it('puts every number in one half, each in ascending order', () => {
    const [train, test] = splitHalves(11, rng(3));
    expect([train.length, test.length]).toEqual([6, 5]);
    expect(sorted([...train, ...test])).toEqual(upTo(11));
    expect(train).toEqual(sorted(train));
    expect(test).toEqual(sorted(test));
  });

  it('depends on the seed alone', () => {
    expect(splitHalves(40, rng(3))).toEqual(splitHalves(40, rng(3)));
    expect(splitHalves(40, rng(3))).not.toEqual(splitHalves(40, rng(4)));
  });

  it('refuses what has no two halves', () => {
    expect(() => splitHalves(1, rng(3))).toThrow(OptionError);
    expect(() => splitHalves(1, rng(3))).toThrow(
      'splitHalves: n must be a whole number of at least 2, got 1',
    );
  });
});
