import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError, ndarray } from '@refusion/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeNpy, type Picture, picture } from './index.js';
import {
  decodePicture,
  decodeScaledPicture,
  encodePng,
  readPicture,
  writeFileAtomic,
  writeNpy,
  writePng,
} from './node.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-io-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const gray = picture(Uint8Array.of(0, 1, 127, 128, 254, 255), [2, 3]);
const rgb = picture(Uint8Array.of(255, 0, 0, 1, 2, 3, 4, 5, 6, 250, 251, 252), [2, 2, 3]);

describe('encodePng', () => {
  it.each<[string, Picture, number]>([
    ['gray', gray, 0],
    ['rgb', rgb, 2],
  ])('keeps every byte of a %s picture', async (name, source, colourType) => {
    const png = await encodePng(source);
    expect(png[24]).toBe(8); // bits a sample
    expect(png[25]).toBe(colourType);
    const decoded = await decodePicture(png, name);
    expect(decoded.shape).toEqual(source.shape);
    expect([...decoded.data]).toEqual([...source.data]);
  });
});

it.each([
  ['gray', [2, 3], 0],
  ['rgb', [1, 2, 3], 2],
] as const)('encodePng keeps all 16 bits of a %s picture', async (name, shape, colourType) => {
  const source = picture(Uint16Array.of(0, 1, 255, 256, 65534, 65535), shape);
  const png = await encodePng(source);
  expect([png[24], png[25]]).toEqual([16, colourType]);
  const { data } = await decodeScaledPicture(png, name, { low: 0, high: 65535 });
  expect(Array.from(data, (value) => Math.round(value * 257))).toEqual([...source.data]);
  expect([...(await decodePicture(png, name)).data]).toEqual([0, 0, 0, 1, 255, 255]);
});

describe('writing', () => {
  it('writes a PNG over an old file', async () => {
    const path = join(folder, 'x.png');
    await writePng(path, gray);
    await writePng(path, rgb);
    expect((await readPicture(path)).shape).toEqual([2, 2, 3]);
  });

  it('writes .npy files', async () => {
    const path = join(folder, 'x.npy');
    const array = ndarray(Float32Array.of(1, 2), [2]);
    await writeNpy(path, array);
    expect(new Uint8Array(await readFile(path))).toEqual(encodeNpy(array));
  });

  it('names a missing folder', async () => {
    const path = join(folder, 'missing', 'x.png');
    await expect(writePng(path, gray)).rejects.toThrow(FileError);
    await expect(writePng(path, gray)).rejects.toThrow(
      `"${path}" cannot be written: there is no such file or folder; check the path`,
    );
  });

  it('writes a name of 255 bytes, and refuses a longer one in a sentence', async () => {
    const path = join(folder, `${'n'.repeat(251)}.png`);
    await writePng(path, gray);
    expect([...(await readPicture(path)).data]).toEqual([...gray.data]);
    const longer = join(folder, `${'n'.repeat(252)}.png`);
    await expect(writePng(longer, gray)).rejects.toThrow(
      // Windows has another word for it.
      process.platform === 'win32'
        ? FileError
        : `"${longer}" cannot be written: the name is too long; shorten it`,
    );
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('keeps the old state and no temporary file where it fails', async () => {
    const target = join(folder, 'target');
    await mkdir(target);
    await writeFile(join(target, 'old.txt'), 'old');
    await expect(writeFileAtomic(target, 'new')).rejects.toThrow(`"${target}" cannot be written: `);
    expect(await readdir(target)).toEqual(['old.txt']);
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
