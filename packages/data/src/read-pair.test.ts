import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { picture } from '@refusion/image-io';
import { writePng } from '@refusion/image-io/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPair } from './read-pair.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pair-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function file(width: number, height: number): Promise<string> {
  const path = join(folder, `${width}x${height}.png`);
  await writePng(path, picture(new Uint8Array(width * height), [height, width]));
  return path;
}

describe('readPair of two sizes', () => {
  const hint = 'see whether the EXIF orientation of one is missing or wrong';

  it('hints at the orientation where width and height are exchanged', async () => {
    const [a, b] = [await file(3, 2), await file(2, 3)];
    await expect(readPair({ a, b })).rejects.toThrow(hint);
  });

  it('does not hint at it elsewhere', async () => {
    const [a, b] = [await file(3, 2), await file(3, 3)];
    await expect(readPair({ a, b })).rejects.toThrow(/register the two images$/);
  });
});
