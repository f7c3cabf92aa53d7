import { picture } from '@refusion/image-io';
import type { Fuse } from '@refusion/pipeline';
import { expect, it } from 'vitest';
import { memoryBudget } from './memory.js';

const MEGAPIXEL = picture(new Uint8Array(1e6), [1000, 1000]);

/** A network that needs 100 MB for a megapixel in strips and a gigabyte for a whole one. */
const fuse = {
  inStrips: true,
  leastMemory: (height: number, width: number) => 100 * height * width,
  wholeMemory: (height: number, width: number) => 1000 * height * width,
} as unknown as Fuse;

function together(most: number, held = 0): number {
  const demand = { a: MEGAPIXEL, b: MEGAPIXEL, pairs: 4, held };
  return memoryBudget(fuse, { most, base: 0, jobs: 1 }).together(demand);
}

it('fuses as many pairs together as fit whole, and one at least', () => {
  // 120 MB for the program, 12 MB for the output of a pair, 8 MB for four pairs of sources.
  expect(together(4.2e9)).toBe(4);
  expect(together(4.1e9)).toBe(3);
  expect(together(4.2e9, 1e9)).toBe(3);
  expect(together(1e9)).toBe(1);
  expect(together(1e6)).toBe(1);
});
