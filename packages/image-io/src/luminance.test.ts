import { describe, expect, it } from 'vitest';
import { luminance, roundedLuminance } from './luminance.js';
import { picture } from './picture.js';

describe('luminance', () => {
  it('weighs the channels, unrounded', () => {
    const primaries = picture(Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 100, 150, 200), [2, 2, 3]);
    const y = luminance(primaries);
    expect(y.shape).toEqual([2, 2]);
    const byHand = [76.245, 149.685, 29.07, 140.75];
    // 255 * 2^-23: the spacing of float32 at the largest value.
    byHand.forEach((value, i) => {
      expect(Math.abs((y.data[i] as number) - value)).toBeLessThan(3e-5);
    });
  });

  it('takes one channel as three equal ones', () => {
    const values = Uint8Array.from({ length: 256 }, (_, i) => i);
    const tripled = Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));
    const y = luminance(picture(values, [16, 16]));
    expect(y).toEqual(luminance(picture(tripled, [16, 16, 3])));
    y.data.forEach((value, i) => {
      expect(Math.abs(value - i)).toBeLessThan(2e-5);
    });
  });
});

describe('roundedLuminance', () => {
  it("decides exact ties as OpenCV's float32 does", () => {
    // All eight have a luminance of k + 0.5 in decimals. Values: OpenCV 5.0.0 without IPP,
    // np.round(cv2.cvtColor(rgb.astype('float32'), cv2.COLOR_RGB2GRAY)).
    const ties = [
      [0, 134, 253, 108],
      [8, 44, 20, 31],
      [249, 207, 110, 208],
      [51, 15, 39, 28],
      [84, 14, 19, 36],
      [172, 54, 91, 94],
      [34, 128, 107, 98],
      [47, 69, 96, 66],
    ];
    const rgb = Uint8Array.from(ties.flatMap(([r = 0, g = 0, b = 0]) => [r, g, b]));
    const rounded = roundedLuminance(picture(rgb, [2, 4, 3]));
    expect(rounded.shape).toEqual([2, 4]);
    expect([...rounded.data]).toEqual(ties.map((tie) => tie[3]));
  });

  it('leaves gray values as they are, in one channel or in three', () => {
    const values = Uint8Array.from({ length: 256 }, (_, i) => i);
    const gray = roundedLuminance(picture(values, [16, 16]));
    expect(gray.data).toEqual(values);
    // A copy, which may be written to.
    expect(gray.data).not.toBe(values);
    const tripled = Uint8Array.from({ length: 768 }, (_, i) => Math.floor(i / 3));
    expect(roundedLuminance(picture(tripled, [16, 16, 3]))).toEqual(gray);
  });
});
