import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError, OptionError, ShapeError } from '@refusion/core';
import { picture } from '@refusion/image-io';
import { writePng } from '@refusion/image-io/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderSource } from './folder-source.js';
import type { Pair } from './list-pairs.js';
import { readPair } from './read-pair.js';

let root = '';
const pairs: Pair[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'source-'));
  for (const stem of ['p', 'q']) {
    const pair = { stem, a: join(root, `${stem}-a.png`), b: join(root, `${stem}-b.png`) };
    await writePng(pair.a, picture(Uint8Array.of(0, 51, 102, 153, 204, 255), [2, 3]));
    const colours = Uint8Array.from({ length: 18 }, (_, i) => [255, 0, 0][i % 3] as number);
    await writePng(pair.b, picture(colours, [2, 3, 3]));
    pairs.push(pair);
  }
});
afterAll(async () => {
  await rm(root, { recursive: true });
});

describe('readPair', () => {
  it('reads both pictures', async () => {
    const { a, b } = await readPair(pairs[0] as Pair);
    expect(a.shape).toEqual([2, 3]);
    expect(b.shape).toEqual([2, 3, 3]);
  });

  it('names both files and both sizes where they differ', async () => {
    const small = join(root, 'small.png');
    await writePng(small, picture(Uint8Array.of(1, 2), [2, 1]));
    const [a, read] = [(pairs[0] as Pair).a, () => readPair({ a: (pairs[0] as Pair).a, b: small })];
    await expect(read()).rejects.toThrow(ShapeError);
    await expect(read()).rejects.toThrow(
      `"${a}" has 3x2 pixels and "${small}" 1x2; a pair must have one size: register the two images`,
    );
  });
});

describe('folderSource', () => {
  it('gives the luminance in [0, 1]', async () => {
    const source = folderSource(pairs);
    expect([source.length, source.name(1)]).toEqual([2, 'q']);
    const { a, b } = await source.pair(1);
    expect(a.shape).toEqual([2, 3]);
    [0, 0.2, 0.4, 0.6, 0.8, 1].forEach((value, i) => {
      expect(a.data[i]).toBeCloseTo(value, 6);
    });
    expect([...b.data]).toEqual(new Array(6).fill(Math.fround(0.299)));
  });

  it('reads a pair once while it fits, and again where it does not', async () => {
    const bytes = 2 * 6 * 4; // of one pair
    const kept = folderSource(pairs, { cacheBytes: bytes });
    const [first, second] = [await kept.pair(0), await kept.pair(1)];
    expect(await kept.pair(0)).toBe(first);
    expect(await kept.pair(1)).not.toBe(second);
    expect(await kept.pair(1)).toEqual(second);
    const nothing = folderSource(pairs, { cacheBytes: bytes - 1 });
    expect(await nothing.pair(0)).not.toBe(await nothing.pair(0));
  });

  it('refuses numbers that are no pairs, files that are gone and a wrong bound', async () => {
    await expect(folderSource(pairs).pair(2)).rejects.toThrow(
      'folderSource: index must be a whole number from 0 to 1, got 2',
    );
    const gone = { stem: 'gone', a: join(root, 'gone.png'), b: join(root, 'gone.png') };
    await expect(folderSource([gone]).pair(0)).rejects.toThrow(FileError);
    expect(() => folderSource(pairs, { cacheBytes: -1 })).toThrow(OptionError);
  });
});
