import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { FileError } from '@refusion/core';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodePicture, readPicture } from './read-picture.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-io-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

const raw = (
  bytes: number[] | Uint8Array | Uint16Array,
  width: number,
  height: number,
  channels: 1 | 2 | 3 | 4,
) => sharp(Array.isArray(bytes) ? Uint8Array.from(bytes) : bytes, { raw: { width, height, channels } });

/** A smooth picture with some texture, large enough that a truncated file loses visible pixels. */
function textured(channels: 1 | 3): Sharp {
  const size = 64;
  const bytes = Uint8Array.from({ length: size * size * channels }, (_, i) => (i * 7 + (i >> 5) * 13) % 256);
  const image = raw(bytes, size, size, channels);
  return channels === 1 ? image.toColourspace('b-w') : image;
}

async function decoded(image: Sharp): Promise<{ shape: readonly number[]; data: number[] }> {
  const { shape, data } = await decodePicture(await image.toBuffer(), 'x');
  return { shape, data: [...data] };
}

describe('decodePicture', () => {
  it.each(['png', 'webp', 'tiff'] as const)('gives lossless %s back byte by byte', async (format) => {
    const bytes = [255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 99, 199, 1, 2, 3, 4, 5, 6];
    const image = raw(bytes, 3, 2, 3).toFormat(format, { lossless: true, compression: 'none' });
    expect(await decoded(image)).toEqual({ shape: [2, 3, 3], data: bytes });
  });

  it.each(['png', 'jpeg', 'tiff'] as const)('gives one channel for gray %s', async (format) => {
    const { shape } = await decodePicture(await textured(1).toFormat(format).toBuffer(), 'x');
    expect(shape).toEqual([64, 64]);
  });

  it('decodes JPEG, progressive too, to the same three channels', async () => {
    const plain = await decodePicture(await textured(3).jpeg({ quality: 90 }).toBuffer(), 'x');
    const progressive = await decodePicture(
      await textured(3).jpeg({ quality: 90, progressive: true }).toBuffer(),
      'x',
    );
    expect(plain.shape).toEqual([64, 64, 3]);
    expect(progressive).toEqual(plain);
  });

  it('drops alpha and shows the colour stored under it', async () => {
    expect(await decoded(raw([10, 20, 30, 0, 40, 50, 60, 128], 2, 1, 4).png())).toEqual({
      shape: [1, 2, 3],
      data: [10, 20, 30, 40, 50, 60],
    });
    expect(await decoded(raw([10, 0, 40, 128], 2, 1, 2).toColourspace('b-w').png())).toEqual({
      shape: [1, 2],
      data: [10, 40],
    });
  });

  it('expands a palette', async () => {
    const bytes = [255, 0, 0, 0, 0, 255, 0, 0, 255, 255, 0, 0];
    const png = await raw(bytes, 2, 2, 3).png({ palette: true, dither: 0 }).toBuffer();
    expect(png[25]).toBe(3); // the colour type of PNG: palette
    const { shape, data } = await decodePicture(png, 'x');
    expect(shape).toEqual([2, 2, 3]);
    expect([...data]).toEqual(bytes);
  });

  it.each([1, 3] as const)('keeps the higher 8 of 16 bits of %i channels', async (channels) => {
    const values = Uint16Array.from({ length: 4 * channels }, (_, i) => 0x12ff + 0x1501 * i);
    const wide = raw(values, 2, 2, channels).toColourspace(channels === 1 ? 'grey16' : 'rgb16');
    const png = await wide.png().toBuffer();
    expect(png[24]).toBe(16); // bits a sample
    const { shape, data } = await decodePicture(png, 'x');
    expect(shape).toEqual(channels === 1 ? [2, 2] : [2, 2, 3]);
    expect([...data]).toEqual(Array.from(values, (value) => value >> 8));
  });

  it('applies the EXIF orientation', async () => {
    // Orientation 6: the stored picture is to be turned by 90 degrees clockwise.
    const bytes = [1, 2, 3, 4, 5, 6].flatMap((value) => [value, value, 0]);
    const stored = raw(bytes, 3, 2, 3).withMetadata({ orientation: 6 });
    const { shape, data } = await decoded(stored.webp({ lossless: true }));
    expect(shape).toEqual([3, 2, 3]);
    expect(data.filter((_, i) => i % 3 === 0)).toEqual([4, 1, 5, 2, 6, 3]);
  });

  it.each(['png', 'jpeg', 'webp', 'tiff'] as const)('refuses a truncated %s', async (format) => {
    const bytes = await textured(3).toFormat(format).toBuffer();
    await expect(decodePicture(bytes, 'x')).resolves.toBeDefined();
    for (const part of [0.95, 0.6, 0.1]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * part));
      await expect(decodePicture(cut, 'x'), `${part} of the file`).rejects.toThrow(
        '"x" is damaged or cut short; export or download it again',
      );
    }
  });

  it('refuses a JPEG with damaged data', async () => {
    const bytes = await textured(3).jpeg().toBuffer();
    bytes.fill(0xff, bytes.length - 200, bytes.length - 150);
    await expect(decodePicture(bytes, 'x')).rejects.toThrow('"x" is damaged or cut short');
  });

  it('refuses too many pixels by the header alone', async () => {
    const png = await textured(1).png().toBuffer();
    png.writeUInt32BE(50_000, 16); // width
    png.writeUInt32BE(50_000, 20); // height
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    await expect(decodePicture(png, 'x')).rejects.toThrow(
      '"x" has 50000x50000 pixels, more than the 100 million that are read; make it smaller',
    );
  });

  it.each([
    ['GIF89a', 'GIF'],
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', 'SVG or XML'],
    ['\0\0\0\x20ftypavif', 'AVIF or HEIF'],
    ['%PDF-1.7', 'PDF'],
  ])('names a format that is not read: %j', async (text, format) => {
    await expect(decodePicture(Buffer.from(text, 'latin1'), 'x.png')).rejects.toThrow(
      `"x.png" is a file of the format ${format}, which is not read; give a PNG, JPEG, WebP, TIFF or BMP file`,
    );
  });

  it('refuses float samples', async () => {
    const tiff = await textured(1).tiff({ compression: 'none' }).toBuffer();
    // Declares the same bytes 16 pixels wide, 32 bits a sample, in floating point.
    const declared = new Map([
      [256, 16],
      [258, 32],
      [339, 3],
    ]);
    const directory = tiff.readUInt32LE(4);
    for (let i = 0; i < tiff.readUInt16LE(directory); i++) {
      const entry = directory + 2 + 12 * i;
      const value = declared.get(tiff.readUInt16LE(entry));
      if (value !== undefined) tiff.writeUInt16LE(value, entry + 8);
    }
    await expect(decodePicture(tiff, 'x')).rejects.toThrow('"x" has samples of the type float');
  });
});

describe('readPicture', () => {
  it('tells the format by the content, not the name', async () => {
    const path = join(folder, 'really-a-png.jpg');
    await writeFile(path, await textured(1).png().toBuffer());
    expect((await readPicture(path)).shape).toEqual([64, 64]);
  });

  it('sees a file that was overwritten', async () => {
    const path = join(folder, 'again.png');
    await writeFile(path, await raw([1], 1, 1, 1).png().toBuffer());
    expect((await readPicture(path)).data[0]).toBe(1);
    await writeFile(path, await raw([2], 1, 1, 1).png().toBuffer());
    expect((await readPicture(path)).data[0]).toBe(2);
  });

  it('names a missing file', async () => {
    const path = join(folder, 'missing.png');
    await expect(readPicture(path)).rejects.toThrow(FileError);
    await expect(readPicture(path)).rejects.toThrow(
      `"${path}" cannot be read: there is no such file or folder; check the path`,
    );
  });

  it('names a folder', async () => {
    await expect(readPicture(folder)).rejects.toThrow(
      `"${folder}" cannot be read: it is a folder; name a file`,
    );
  });

  it.runIf(process.platform === 'linux')('does not wait for a device', async () => {
    await expect(readPicture('/dev/zero')).rejects.toThrow('it is not a regular file');
  });

  it.each(['', 'just some text'])('refuses what is not an image: %j', async (text) => {
    const path = join(folder, 'text.png');
    await writeFile(path, text);
    await expect(readPicture(path)).rejects.toThrow(`"${path}" is not an image; give a PNG`);
  });
});
