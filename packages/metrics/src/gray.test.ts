import { ndarray, OptionError, ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { grayOf, grayTripletOf } from './gray.js';

describe('grayOf', () => {
  it('reads strided arrays row by row', () => {
    const transposed = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2], stride: [1, 3] };
    expect([...grayOf('test', 'x', transposed).data]).toEqual([1, 4, 2, 5, 3, 6]);
  });

  it('returns a checked image as it is', () => {
    const image = grayOf('test', 'x', ndarray(Uint8Array.of(1, 2), [1, 2]));
    expect(grayOf('test', 'x', image)).toBe(image);
  });

  it('refuses other shapes', () => {
    const values = new Uint8Array(6);
    expect(() => grayOf('test', 'x', ndarray(values, [1, 2, 3]))).toThrow(ShapeError);
    expect(() => grayOf('test', 'x', ndarray(values, [1, 2, 3]))).toThrow(
      'test: x must have the shape [*,*], got [1,2,3]',
    );
    expect(() => grayOf('test', 'x', ndarray(new Uint8Array(0), [0, 3]))).toThrow(
      'test: x must have at least one pixel, got the shape [0,3]',
    );
  });

  it('refuses values outside 0..255 and says where', () => {
    const image = ndarray(Float32Array.of(0, 1, 2, 3, 4, 256), [2, 3]);
    expect(() => grayOf('test', 'x', image)).toThrow(OptionError);
    expect(() => grayOf('test', 'x', image)).toThrow(
      'test: x must have gray values in 0..255, got 256 at row 1, column 2',
    );
  });

  it('refuses a shape that its buffer cannot fill', () => {
    expect(() => grayOf('test', 'x', { data: new Uint8Array(3), shape: [2, 2] })).toThrow(
      'test: x must have gray values in 0..255, got NaN at row 1, column 1',
    );
  });
});

describe('grayTripletOf', () => {
  it('refuses sources of another size', () => {
    const [small, large] = [ndarray(new Uint8Array(2), [1, 2]), ndarray(new Uint8Array(4), [2, 2])];
    expect(() => grayTripletOf('test', { fused: large, a: large, b: small })).toThrow(
      'test: b must have the shape of fused [2,2], got [1,2]',
    );
  });

  it('returns a checked triplet as it is, which computes a thing once', () => {
    const image = ndarray(Uint8Array.of(1, 2), [1, 2]);
    const triplet = grayTripletOf('test', { fused: image, a: image, b: image, truth: image });
    expect(grayTripletOf('test', triplet)).toBe(triplet);
    let calls = 0;
    const sumOf = ({ fused }: { readonly fused: { readonly data: Float64Array } }): number => {
      calls++;
      return fused.data.reduce((sum, value) => sum + value, 0);
    };
    expect([triplet.once(sumOf), triplet.once(sumOf), calls]).toEqual([3, 3, 1]);
    expect(triplet.once(() => undefined)).toBeUndefined();
  });
});
