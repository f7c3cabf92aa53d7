import { describe, expect, it } from 'vitest';
import { isContiguous, ndarray, ShapeError, sizeOf, stridesOf, toFloat64 } from './index.js';

describe('ndarray', () => {
  it('counts elements and steps', () => {
    expect([sizeOf([]), sizeOf([2, 3, 4]), sizeOf([2, 0])]).toEqual([1, 24, 0]);
    expect(stridesOf([2, 3, 4])).toEqual([12, 4, 1]);
  });

  it('refuses a buffer of another length', () => {
    expect(() => ndarray(new Float32Array(5), [2, 3])).toThrow(
      new ShapeError('ndarray: the shape [2,3] needs 6 values, got 5'),
    );
  });

  it('reads views in row-major order: transposed, and from within a larger buffer', () => {
    const data = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect([...toFloat64({ data, shape: [3, 4], stride: [1, 3] })]).toEqual([
      0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11,
    ]);
    expect([...toFloat64({ data, shape: [2, 2], stride: [4, 1], offset: 5 })]).toEqual([5, 6, 9, 10]);
  });

  it('hands on a float64 buffer that already lies right, and copies any other', () => {
    const data = Float64Array.of(1, 2, 3, 4);
    expect(toFloat64({ data, shape: [2, 2] })).toBe(data);
    expect(toFloat64({ data, shape: [2, 1], stride: [1, 99] })).not.toBe(data);
    expect(isContiguous({ data, shape: [4, 1], stride: [1, 99] })).toBe(true);
  });
});
