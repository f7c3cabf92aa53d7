import { ndarray, ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { chroma, mergeChroma, toRgb } from './chroma.js';
import { luminance } from './luminance.js';
import { picture } from './picture.js';
import { toUint8 } from './tone.js';

const pixel = (r: number, g: number, b: number) => picture(Uint8Array.of(r, g, b), [1, 1, 3]);
const gray = picture(Uint8Array.of(90), [1, 1]);

describe('chroma', () => {
  it('is the weighted distance from the luminance, plus 0.5', () => {
    const { cr, cb } = chroma(pixel(100, 150, 200)); // Y = 140.75
    expect(cr.data[0]).toBeCloseTo(0.713 * (100 - 140.75) + 0.5, 4);
    expect(cb.data[0]).toBeCloseTo(0.564 * (200 - 140.75) + 0.5, 4);
  });

  it("has OpenCV's float32 bits", () => {
    // OpenCV 5.0.0, cv2.cvtColor(float32, cv2.COLOR_RGB2YCrCb) of (84, 14, 19), (172, 54, 91), (34, 128, 107).
    const { cr, cb } = chroma(picture(Uint8Array.of(84, 14, 19, 172, 54, 91, 34, 128, 107), [1, 3, 3]));
    expect([...cr.data]).toEqual([35.080501556396484, 56.47050094604492, -44.7755012512207]);
    expect([...cb.data]).toEqual([-8.805999755859375, -0.9100000262260437, 5.8580002784729]);
  });

  it('is 0.5 for gray', () => {
    const { cr, cb } = chroma(gray);
    expect([...cr.data, ...cb.data]).toEqual([0.5, 0.5]);
  });
});

describe('mergeChroma', () => {
  it('is null for two gray pictures, stored with one or three channels', () => {
    expect(mergeChroma(gray, pixel(7, 7, 7))).toBeNull();
  });

  it('is that of the other where one is gray', () => {
    const colour = pixel(100, 150, 200);
    expect(mergeChroma(gray, colour)).toEqual(chroma(colour));
    expect(mergeChroma(colour, gray)).toEqual(chroma(colour));
  });

  it('takes rows that happen to be gray for what their pictures are', () => {
    const colour = pixel(100, 150, 200);
    const merged = mergeChroma(gray, colour, [false, false]);
    // Gray weighs nothing; only the 1e-4 of the formula shows.
    expect(merged?.cb.data[0]).toBeCloseTo(chroma(colour).cb.data[0] as number, 2);
    expect(merged).not.toEqual(chroma(colour));
    expect(mergeChroma(gray, colour, [true, true])).toBeNull();
  });

  it('weighs two colours by their distance from gray', () => {
    const merged = mergeChroma(pixel(100, 150, 200), pixel(200, 150, 100));
    // Y = 140.75 and 159.25, worked out by hand.
    const weighted = (a: number, b: number) =>
      (a * Math.abs(a - 0.5) + b * Math.abs(b - 0.5)) / (Math.abs(a - 0.5) + Math.abs(b - 0.5) + 1e-4);
    expect(merged?.cr.data[0]).toBeCloseTo(weighted(-28.55475, 29.55475), 4);
    expect(merged?.cb.data[0]).toBeCloseTo(weighted(33.917, -32.917), 4);
  });

  it('names both shapes where the pictures differ in size', () => {
    const wide = picture(new Uint8Array(2), [1, 2]);
    expect(() => mergeChroma(gray, wide)).toThrow(ShapeError);
    expect(() => mergeChroma(gray, wide)).toThrow('got [1,1] and [1,2]');
  });
});

describe('toRgb', () => {
  it('follows the formula and does not clip', () => {
    const plane = (value: number) => ndarray(Float32Array.of(value), [1, 1]);
    const rgb = toRgb(plane(200), { cr: plane(100.5), cb: plane(-199.5) });
    expect(rgb.shape).toEqual([1, 1, 3]);
    [200 + 140.3, 200 - 71.4 + 68.8, 200 - 354.6].forEach((value, i) => {
      expect(rgb.data[i]).toBeCloseTo(value, 3);
    });
  });

  it('gives the picture back from its own luminance and chroma', () => {
    // Every 17th level of each channel. The coefficients of the two directions are rounded to three digits, which
    // moves a value by at most 0.1 and so never to another whole number.
    const levels = Array.from({ length: 16 }, (_, i) => 17 * i);
    const bytes = levels.flatMap((r) => levels.flatMap((g) => levels.flatMap((b) => [r, g, b])));
    const source = picture(Uint8Array.from(bytes), [64, 64, 3]);
    expect(toUint8(toRgb(luminance(source), chroma(source)))).toEqual(source);
  });

  it('refuses planes of different shapes', () => {
    const y = ndarray(new Float32Array(2), [1, 2]);
    expect(() => toRgb(y, chroma(gray))).toThrow('cr must have the shape of y [1,2], got [1,1]');
    expect(() => toRgb(ndarray(new Float32Array(2), [2]), chroma(gray))).toThrow(ShapeError);
  });
});
