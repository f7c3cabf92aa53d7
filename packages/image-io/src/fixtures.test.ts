import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readPicture, readScaledPicture } from './node.js';

// Files written by Pillow 9.4 and OpenCV 4.6, and their pixels as OpenCV 4.6 reads them: fixtures/pictures/make.py.
const folder = fileURLToPath(new URL('../../../fixtures/pictures/', import.meta.url));
const expected: Record<string, number[][][]> = JSON.parse(readFileSync(`${folder}expected.json`, 'utf8'));
const cases = JSON.parse(readFileSync(`${folder}../fusion-tiny/cases.json`, 'utf8'));
const deep: number[] = cases.deep.a.flat();

describe("readPicture reads OpenCV's pixels", () => {
  it.each(Object.entries(expected))('of %s', async (file, rows) => {
    const { data, shape } = await readPicture(folder + file);
    const [height, width, channels = 1] = shape;
    expect([height, width]).toEqual([rows.length, rows[0]?.length]);
    // OpenCV gives gray files three equal channels.
    const pixels = rows.flat().map((rgb) => (channels === 3 ? rgb : [rgb[0]]));
    expect([...data]).toEqual(pixels.flat());
    if (channels === 1) expect(rows.flat().every(([r, g, b]) => r === g && g === b)).toBe(true);
  });

  it('of every file but the one in floating point', async () => {
    const others = readdirSync(folder).filter((name) => !/\.(py|json|md)$/.test(name) && !(name in expected));
    expect(others).toEqual(['deep-float.tif']);
    await expect(readPicture(`${folder}deep-float.tif`)).rejects.toThrow(
      'deep-float.tif" has samples of the type float, which are read only with a range',
    );
  });
});

describe('readScaledPicture', () => {
  const scaled = (low: number, high: number): Float32Array =>
    Float32Array.from(deep, (value) => Math.min(Math.max((value - low) / (high - low), 0), 1) * 255);

  it.each(['deep.png', 'deep.tif'])('keeps all 16 bits of %s in a range', async (file) => {
    const range = { low: 20000, high: 30000 };
    expect(await readScaledPicture(folder + file, range)).toEqual({
      shape: [7, 9],
      data: scaled(20000, 30000),
    });
  });

  it('takes the extremes, or percentiles as numpy has them', async () => {
    const auto = await readScaledPicture(`${folder}deep.png`, { lowPercent: 0, highPercent: 100 });
    expect(auto.data).toEqual(scaled(0, 65535));
    // numpy 1.24: np.percentile(deep, [5, 95])
    const within = await readScaledPicture(`${folder}deep.png`, { lowPercent: 5, highPercent: 95 });
    expect(within.data).toEqual(scaled(20424.9, 29658.8));
  });

  it('reads float32 in its own units', async () => {
    const { data } = await readScaledPicture(`${folder}deep-float.tif`, { low: 200, high: 300 });
    scaled(20000, 30000).forEach((value, i) => {
      // The file holds hundredths in float32: 300 with a step of 3e-5, of 100 that become 255.
      expect(Math.abs((data[i] as number) - value)).toBeLessThan(1e-4);
    });
  });

  it('scales 8 bits and colours, all channels by one range', async () => {
    const { data, shape } = await readScaledPicture(`${folder}b-rgb.png`, { low: 51, high: 102 });
    expect(shape).toEqual([7, 9, 3]);
    const values = expected['b-rgb.png']?.flat(2) ?? [];
    expect([...data]).toEqual(values.map((value) => Math.min(Math.max((value - 51) * 5, 0), 255)));
  });

  it.each([
    ['a-gray.png', 255, 300, '8 bits a sample, 0..255, which the range 255..300 leaves out'],
    ['deep.png', -9, 0, '16 bits a sample, 0..65535, which the range -9..0 leaves out'],
  ])('refuses a range beyond the values of %s', async (file, low, high, message) => {
    await expect(readScaledPicture(folder + file, { low, high })).rejects.toThrow(
      `"${folder}${file}" has ${message}`,
    );
  });
});
