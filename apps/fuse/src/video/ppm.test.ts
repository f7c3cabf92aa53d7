import { FileError } from '@refusion/core';
import { type Picture, picture } from '@refusion/image-io';
import { describe, expect, it } from 'vitest';
import { encodePpm, readPpm } from './ppm.js';

const frames = [2, 3].map((height, i) =>
  picture(
    Uint8Array.from({ length: height * 4 * 3 }, (_unused, j) => (i * 50 + j * 7) % 256),
    [height, 4, 3],
  ),
);

/** The bytes of all frames in chunks of a size. */
async function* chunksOf(size: number, bytes = Buffer.concat(frames.map(encodePpm))) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(chunks: AsyncIterable<Uint8Array>): Promise<Picture[]> {
  const pictures: Picture[] = [];
  for await (const each of readPpm(chunks, 'a.mp4')) pictures.push(each);
  return pictures;
}

describe('readPpm', () => {
  it.each([1, 5, 29, 1000])('finds the pictures in chunks of %d bytes', async (size) => {
    expect(await read(chunksOf(size))).toEqual(frames);
  });

  it('reads what the format allows: any white space after a number', async () => {
    const bytes = Buffer.from('P6 1\n1 255\n\x01\x02\x03', 'latin1');
    expect(await read(chunksOf(100, bytes))).toEqual([picture(new Uint8Array([1, 2, 3]), [1, 1, 3])]);
  });

  it.each([
    ['is cut short', Buffer.from('P6\n2 2\n255\n\x01\x02')],
    ['ends in a header', Buffer.from('P6\n2 ')],
    ['is something else', Buffer.from('x'.repeat(100))],
  ])('refuses a stream that %s', async (_what, bytes) => {
    const reading = read(chunksOf(7, bytes));
    await expect(reading).rejects.toThrow(FileError);
    await expect(reading).rejects.toThrow('"a.mp4" could not be decoded to its end');
  });

  it('refuses frames larger than any picture, before it makes room for them', async () => {
    const reading = read(chunksOf(100, Buffer.from('P6\n99999999 99999999\n255\n')));
    await expect(reading).rejects.toThrow(
      '"a.mp4" has frames of 99999999x99999999 pixels, more than the 100',
    );
  });
});

describe('encodePpm', () => {
  it('writes gray as three equal channels', () => {
    const bytes = encodePpm(picture(new Uint8Array([7, 9]), [1, 2]));
    expect(Buffer.from(bytes).toString('latin1')).toBe('P6\n2 1\n255\n\x07\x07\x07\x09\x09\x09');
  });
});
