import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { decodeSamples } from './decode-samples.js';
import { tiffSamples } from './tiff-samples.js';

// Files written by Pillow 9.4 and tifffile: fixtures/pictures-unread/make.py.
const folder = fileURLToPath(new URL('../../../fixtures/pictures-unread/', import.meta.url));
const bytesOf = (file: string): Buffer => readFileSync(folder + file);

describe('decodeSamples names what it does not read', () => {
  const to = 'which are not read; convert it to 8 bits, 16 bits or float32';
  it.each([
    ['lab.tif', 'has the colour space lab, which is not read; convert it to RGB'],
    ['float16.tif', `has samples of 16-bit float, ${to}`],
    ['float16-be.tif', `has samples of 16-bit float, ${to}`],
    ['float16-rgb.tif', `has samples of 16-bit float, ${to}`],
    ['float64.tif', `has samples of 64-bit float, ${to}`],
    ['float64-rgb.tif', `has samples of 64-bit float, ${to}`],
    ['uint64.tif', `has samples of 64-bit integer, ${to}`],
    ['float32-rgb.tif', 'has 3 channels of the type float, which are not read'],
    ['big.tif', 'is a file of the format BigTIFF, which is not read; give a PNG'],
    ['big-be.tif', 'is a file of the format BigTIFF, which is not read; give a PNG'],
  ])('in %s', async (file, message) => {
    await expect(decodeSamples(bytesOf(file), file)).rejects.toThrow(`"${file}" ${message}`);
  });

  it('and reads float32', async () => {
    const { data } = await decodeSamples(bytesOf('float32.tif'), 'x');
    expect(data).toEqual(Float32Array.from({ length: 20 }, (_, i) => i / 2));
  });
});

describe('tiffSamples', () => {
  it('gives null for a directory beyond the end, or cut short', () => {
    const bytes = bytesOf('float16.tif');
    expect(tiffSamples(bytes)).toEqual({ bits: 16, float: true });
    expect(tiffSamples(bytes.subarray(0, 40))).toBeNull();
    expect(tiffSamples(bytes.subarray(0, 5))).toBeNull();
  });
});
