import { FileError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { decodeBmp } from './bmp.js';

interface Fields {
  readonly width: number;
  readonly rows: number;
  readonly bits: number;
  readonly compression?: number;
  readonly palette?: readonly number[];
  readonly pixels: readonly number[];
}

/** A BMP file with a BITMAPINFOHEADER, assembled by hand. */
function bmp({ width, rows, bits, compression = 0, palette = [], pixels }: Fields): Uint8Array {
  const start = 54 + palette.length;
  const file = new Uint8Array(start + pixels.length);
  const view = new DataView(file.buffer);
  file.set([0x42, 0x4d]);
  view.setUint32(10, start, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, rows, true);
  view.setUint16(28, bits, true);
  view.setUint32(30, compression, true);
  file.set(palette, 54);
  file.set(pixels, start);
  return file;
}

// Two rows of one pixel, B G R, each padded to four bytes.
const tall: Fields = { width: 1, rows: 2, bits: 24, pixels: [1, 2, 3, 0, 4, 5, 6, 0] };

describe('decodeBmp', () => {
  it('reads 24 bits from the lowest row up, as B, G, R, rows padded', () => {
    const { data, shape } = decodeBmp(bmp(tall), 'x.bmp');
    expect(shape).toEqual([2, 1, 3]);
    expect([...data]).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it('reads from the top where the height is negative', () => {
    expect([...decodeBmp(bmp({ ...tall, rows: -2 }), 'x.bmp').data]).toEqual([3, 2, 1, 6, 5, 4]);
  });

  it('reads 32 bits and drops the fourth byte', () => {
    const two: Fields = { width: 2, rows: 1, bits: 32, pixels: [1, 2, 3, 99, 4, 5, 6, 99] };
    expect([...decodeBmp(bmp(two), 'x.bmp').data]).toEqual([3, 2, 1, 6, 5, 4]);
  });

  it('looks 8 bits up in the palette', () => {
    const palette = Array.from({ length: 1024 }, (_, i) => (i % 4 === 3 ? 0 : Math.floor(i / 4) ^ (i % 4)));
    const two: Fields = { width: 2, rows: 1, bits: 8, palette, pixels: [8, 200, 0, 0] };
    expect([...decodeBmp(bmp(two), 'x.bmp').data]).toEqual([10, 9, 8, 202, 201, 200]);
  });

  it.each<[string, Partial<Fields>]>([
    ['compressed', { compression: 1 }],
    ['16 bits', { bits: 16 }],
    ['no width', { width: 0 }],
  ])('refuses what it does not read: %s', (_, change) => {
    expect(() => decodeBmp(bmp({ ...tall, ...change }), 'x.bmp')).toThrow(FileError);
    expect(() => decodeBmp(bmp({ ...tall, ...change }), 'x.bmp')).toThrow(
      'is a BMP of a kind that is not read',
    );
  });

  it('refuses a file cut short, in its pixels or its header', () => {
    const file = bmp(tall);
    for (const length of [file.length - 1, 53, 2]) {
      expect(() => decodeBmp(file.subarray(0, length), 'x.bmp')).toThrow('"x.bmp" is damaged or cut short');
    }
  });

  it('refuses huge sizes before it takes memory for them', () => {
    const huge = bmp({ ...tall, width: 2 ** 31 - 1, rows: 2 ** 31 - 1 });
    expect(() => decodeBmp(huge, 'x.bmp')).toThrow('2147483647x2147483647 pixels, more than the 100 million');
  });
});
