import { isContiguous, type NdArray, toFloat64 } from '@refusion/core';

/**
 * An array as the bytes of a NumPy `.npy` file (format 1.0, little endian, C order): `numpy.load` reads it back.
 * @param array any shape, float32 (`<f4`) or float64 (`<f8`).
 */
export function encodeNpy(array: NdArray<Float32Array | Float64Array>): Uint8Array<ArrayBuffer> {
  const values = isContiguous(array) ? array.data : toFloat64(array);
  const bytesPerValue = array.data.BYTES_PER_ELEMENT;
  const header = headerOf(array.shape, bytesPerValue);
  const file = new Uint8Array(header.length + values.length * bytesPerValue);
  file.set(header);
  const view = new DataView(file.buffer, header.length);
  values.forEach((value, i) => {
    if (bytesPerValue === 4) view.setFloat32(i * 4, value, true);
    else view.setFloat64(i * 8, value, true);
  });
  return file;
}

/** The magic bytes, the version, and the description padded so that the values start at a multiple of 64 bytes. */
function headerOf(shape: readonly number[], bytesPerValue: number): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const description = `{'descr': '<f${bytesPerValue}', 'fortran_order': False, 'shape': ${tuple}, }`;
  const fixed = 10;
  const length = Math.ceil((fixed + description.length + 1) / 64) * 64 - fixed;
  const text = `${description.padEnd(length - 1)}\n`;
  const start = [0x93, ...ascii('NUMPY'), 1, 0, length & 0xff, length >> 8];
  return Uint8Array.from([...start, ...ascii(text)]);
}

function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}
