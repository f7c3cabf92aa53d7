import { fileURLToPath } from 'node:url';
import type { ValueRange } from '@refusion/image-io';
import { readScaledPicture } from '@refusion/image-io/node';
import { describe, expect, it } from 'vitest';
import { rangeDoubt } from './range-doubt.js';

// 16 bits, 0 to 65535.
const file = (name: string): string =>
  fileURLToPath(new URL(`../../../fixtures/pictures/${name}`, import.meta.url));
const small = fileURLToPath(new URL('../../../fixtures/pictures-unread/float32.tif', import.meta.url));

async function doubt(path: string, range: ValueRange): Promise<string | null> {
  return rangeDoubt(path, await readScaledPicture(path, range), range, '--range-b');
}

describe('rangeDoubt', () => {
  it.each([
    ['above', 10, 20],
    ['below', -7, -1],
  ])('tells of a range %s all values', async (_where, low, high) => {
    expect(await doubt(small, { low, high })).toBe(
      `"${small}" has values from 0 to 9.5, of which --range-b ${low}..${high} shows none: name another range`,
    );
  });

  it('is silent where a value is in the range, at its end too, and of percentiles', async () => {
    expect(await doubt(small, { low: 9, high: 20 })).toBeNull();
    expect(await doubt(small, { low: 9.5, high: 20 })).toBeNull();
    expect(await doubt(small, { low: -5, high: 0 })).toBeNull();
    expect(await doubt(small, { lowPercent: 0, highPercent: 100 })).toBeNull();
    expect(await doubt(file('deep.png'), { low: 0, high: 65535 })).toBeNull();
  });
});
