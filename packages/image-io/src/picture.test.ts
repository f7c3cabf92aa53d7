import { ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { isGray, picture, rowsOf } from './picture.js';

describe('picture', () => {
  it('keeps the bytes and the shape', () => {
    const data = Uint8Array.of(1, 2, 3, 4, 5, 6);
    expect(picture(data, [2, 3])).toEqual({ data, shape: [2, 3] });
    expect(picture(data, [1, 2, 3])).toEqual({ data, shape: [1, 2, 3] });
  });

  it.each([[[6]], [[0, 3]], [[1, 3, 2]], [[1, 1, 2, 3]], [[]]])('refuses the shape [%s]', (shape) => {
    expect(() => picture(new Uint8Array(6), shape)).toThrow(ShapeError);
    expect(() => picture(new Uint8Array(6), shape)).toThrow('the shape must be [H,W] or [H,W,3]');
  });

  it('refuses a wrong number of bytes', () => {
    expect(() => picture(new Uint8Array(5), [2, 3])).toThrow('needs 6 values, got 5');
  });
});

describe('isGray', () => {
  it('is true for one channel and for three equal ones', () => {
    expect(isGray(picture(Uint8Array.of(1, 9), [1, 2]))).toBe(true);
    expect(isGray(picture(Uint8Array.of(1, 1, 1, 9, 9, 9), [1, 2, 3]))).toBe(true);
  });

  it('is false if a single channel of a single pixel differs', () => {
    expect(isGray(picture(Uint8Array.of(1, 1, 1, 9, 8, 9), [1, 2, 3]))).toBe(false);
    expect(isGray(picture(Uint8Array.of(1, 1, 1, 9, 9, 8), [1, 2, 3]))).toBe(false);
  });
});

describe('rowsOf', () => {
  it('gives some rows, on the same memory', () => {
    const data = Uint8Array.of(1, 2, 3, 4, 5, 6);
    expect(rowsOf(picture(data, [3, 2]), 1, 3)).toEqual({ data: data.subarray(2), shape: [2, 2] });
    const first = rowsOf(picture(data, [2, 1, 3]), 0, 1);
    expect(first).toEqual({ data: Uint8Array.of(1, 2, 3), shape: [1, 1, 3] });
    expect(first.data.buffer).toBe(data.buffer);
  });
});
