import { describe, expect, it } from 'vitest';
import { rng, rngFrom } from './index.js';

const draws = (count: number, draw: () => number): number[] => Array.from({ length: count }, draw);

describe('rng', () => {
  it('repeats a seed and separates others, large ones too', () => {
    const first = (seed: number): number[] => draws(4, rng(seed).uniform);
    expect(first(7)).toEqual(first(7));
    const seeds = [0, 1, 2, 7, 2 ** 32, 2 ** 32 + 7, Number.MAX_SAFE_INTEGER];
    expect(new Set(seeds.map((seed) => first(seed).join())).size).toBe(seeds.length);
  });

  it('is sfc32: one step by hand from a known state', () => {
    // out = a + b + counter; a' = b ^ b >> 9; b' = c + (c << 3); c' = rotl(c, 21) + out
    const generator = rngFrom([1, 2, 3, 4]);
    expect(generator.uniform()).toBe(7 / 2 ** 32);
    expect(generator.state()).toEqual([2, 27, 3 * 2 ** 21 + 7, 5]);
  });

  it('goes on from its state', () => {
    const generator = rng(3);
    draws(10, generator.uniform);
    const copy = rngFrom(generator.state());
    expect(draws(5, copy.normal)).toEqual(draws(5, generator.normal));
  });

  it('has the moments of its distributions', () => {
    // Five standard errors of a mean over 40,000 draws; the seed is fixed, so this cannot fail by chance.
    const [uniform, normal] = [draws(40_000, rng(1).uniform), draws(40_000, rng(2).normal)];
    const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
    expect(Math.abs(mean(uniform) - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 12 / 40_000));
    expect(Math.abs(mean(normal))).toBeLessThan(5 / 200);
    expect(Math.abs(mean(normal.map((x) => x * x)) - 1)).toBeLessThan((5 * Math.SQRT2) / 200);
  });

  it('draws every whole number below a bound, and only those', () => {
    const generator = rng(4);
    expect([...new Set(draws(200, () => generator.integer(5)))].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('shuffles a copy', () => {
    const items = draws(50, () => 0).map((_zero, i) => i);
    const shuffled = rng(5).shuffle(items);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
  });

  it('forks by label without moving itself', () => {
    const generator = rng(6);
    const before = generator.state();
    const [a, again, b] = ['a', 'a', 'b'].map((label) => draws(3, generator.fork(label).uniform));
    expect(a).toEqual(again);
    expect(a).not.toEqual(b);
    expect(generator.state()).toEqual(before);
  });

  it('refuses a seed that is none', () => {
    expect(() => rng(-1)).toThrow('rng: seed must be a whole number of at least 0, got -1');
    expect(() => rng(0.5)).toThrow('rng: seed must be a whole number of at least 0, got 0.5');
  });
});
