import { ndarray, OptionError, ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { extremes, stretch, toUint8, toUint16 } from './tone.js';

const row = (...values: number[]) => ndarray(Float32Array.from(values), [1, values.length]);

describe('stretch', () => {
  it('maps the extremes to 0 and 255', () => {
    const { data, shape } = stretch(row(0.25, 0.5, 0.75, 0.375));
    expect([...data]).toEqual([0, 127.5, 255, 63.75]);
    expect(shape).toEqual([1, 4]);
  });

  it('rounds every step to float32', () => {
    // numpy 2.4.6: x = np.float32([.1, .3, .7]); (x - x.min()) / (x.max() - x.min()) * np.float32(255)
    expect([...stretch(row(0.1, 0.3, 0.7)).data]).toEqual([0, 85.00000762939453, 255]);
  });

  it('scales a constant instead of dividing by zero', () => {
    expect([...stretch(row(0.5, 0.5)).data]).toEqual([127.5, 127.5]);
    expect([...stretch(row(-1, -1)).data]).toEqual([0, 0]);
    expect([...stretch(row(2)).data]).toEqual([255]);
  });

  it('stretches a part by the extremes of the whole', () => {
    const whole = row(0.1, 0.3, 0.7, 0.2);
    const part = stretch(row(0.3, 0.2), extremes(whole));
    expect([...part.data]).toEqual([stretch(whole).data[1], stretch(whole).data[3]]);
    expect([...stretch(row(0, 1), { min: 0.25, max: 0.75 }).data]).toEqual([-127.5, 382.5]);
  });

  it('follows strides', () => {
    const columns = { data: Float32Array.of(0, 1, 0.5, 0.25), shape: [2, 2], stride: [1, 2] };
    expect([...stretch(columns).data]).toEqual([0, 127.5, 255, 63.75]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', (value) => {
    expect(() => stretch(row(0, value))).toThrow(OptionError);
    expect(() => stretch(row(0, value))).toThrow(`must be a finite number, got ${value}`);
  });
});

describe('toUint8', () => {
  it('rounds to the nearest, exact ties down', () => {
    const values = [0, 0.5, 0.50001, 10.5, 11.5, 11.499999, 254.5, 254.6, 255];
    expect([...toUint8(row(...values)).data]).toEqual([0, 0, 1, 10, 11, 11, 254, 255, 255]);
  });

  it('clips', () => {
    expect([...toUint8(row(-3, -0.4, 255.4, 300)).data]).toEqual([0, 0, 255, 255]);
  });

  it('refuses what is not a picture', () => {
    expect(() => toUint8(ndarray(new Float32Array(4), [4]))).toThrow(ShapeError);
  });
});

describe('toUint16', () => {
  it('is 257 for each of 256 levels, rounded to the nearest, clipped', () => {
    const values = [0, 0.001, 0.002, 1, 127.5, 254.999, 255, -4, 256];
    expect([...toUint16(row(...values)).data]).toEqual([0, 0, 1, 257, 32768, 65535, 65535, 0, 65535]);
    expect(toUint16(row(1)).data).toBeInstanceOf(Uint16Array);
  });

  it('has the 8-bit picture in its higher bytes, to a level', () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => i * 0.255);
    const [wide, narrow] = [toUint16(row(...values)).data, toUint8(row(...values)).data];
    wide.forEach((value, i) => {
      expect(Math.abs((value >> 8) - (narrow[i] as number))).toBeLessThanOrEqual(1);
    });
  });
});
