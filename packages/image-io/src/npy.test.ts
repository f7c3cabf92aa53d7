import { ndarray } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { encodeNpy } from './npy.js';

// The header that numpy 2.4.6 writes: np.save of an array of this type and shape.
const header = (description: string) => `\x93NUMPY\x01\x00v\x00${description.padEnd(117)}\n`;
const textOf = (bytes: Uint8Array) => String.fromCharCode(...bytes);

describe('encodeNpy', () => {
  it('writes float32 as numpy does', () => {
    const file = encodeNpy(ndarray(Float32Array.of(-0.5, 0.5, 1.5, 2.5, 3.5, 4.5), [2, 3]));
    const description = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    expect(textOf(file.subarray(0, 128))).toBe(header(description));
    const values = '000000bf0000003f0000c03f000020400000604000009040';
    expect(Buffer.from(file.subarray(128)).toString('hex')).toBe(values);
  });

  it('writes a single axis with a comma, and float64', () => {
    const file = encodeNpy(ndarray(Float64Array.of(1 / 3), [1]));
    const description = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }";
    expect(textOf(file.subarray(0, 128))).toBe(header(description));
    expect(Buffer.from(file.subarray(128)).toString('hex')).toBe('555555555555d53f');
  });

  it('writes a scalar', () => {
    const file = encodeNpy(ndarray(Float32Array.of(2), []));
    expect(textOf(file.subarray(0, 128))).toBe(
      header("{'descr': '<f4', 'fortran_order': False, 'shape': (), }"),
    );
    expect(file.length).toBe(132);
  });

  it('writes a strided array in C order', () => {
    const transposed = { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2], stride: [1, 3] };
    expect(encodeNpy(transposed)).toEqual(encodeNpy(ndarray(Float32Array.of(1, 4, 2, 5, 3, 6), [3, 2])));
  });
});
