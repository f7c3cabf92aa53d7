import type { NdArray } from '@refusion/core';
import { readHeader, type TensorEntry } from './safetensors-header.js';

/** The number arrays that a safetensors file is read into and written from. */
export type FloatArray = Float32Array | Float64Array;

/** What a safetensors file holds. */
export interface SafetensorsContent {
  /** By name, in the order of their bytes in the file. The record has no prototype: any name is safe in it. */
  readonly tensors: Record<string, NdArray<FloatArray>>;
  /** The free text of the header's `__metadata__`; empty where the file has none. */
  readonly metadata: Record<string, string>;
}

/**
 * Reads a safetensors file: 8 bytes with the length of the header (little-endian), the header (JSON), and the tensors'
 * numbers, which must fill the rest without holes or overlap. F64 and F32 are kept as they are; F16 and BF16 are
 * widened to float32 without loss. The arrays are copies, so `bytes` may be reused.
 *
 * Made for files that nobody vouches for: every number in the header is checked before it is used, and no more
 * memory is taken than a small multiple of the file's size.
 *
 * @param bytes The whole file.
 * @param source What messages call the file, such as its path.
 * @throws FileError if the file is not intact, or if a tensor has another dtype.
 * @see https://github.com/huggingface/safetensors#format
 * @example
 * const { tensors, metadata } = decodeSafetensors(bytes, 'weights.safetensors');
 */
export function decodeSafetensors(bytes: Uint8Array, source: string): SafetensorsContent {
  const { entries, metadata, dataStart } = readHeader(bytes, source);
  const data = new DataView(bytes.buffer, bytes.byteOffset + dataStart, bytes.length - dataStart);
  const tensors: Record<string, NdArray<FloatArray>> = Object.create(null);
  for (const entry of entries) tensors[entry.name] = { data: readNumbers(data, entry), shape: entry.shape };
  return { tensors, metadata };
}

function readNumbers(data: DataView, { format, begin, end }: TensorEntry): FloatArray {
  const numbers = format.array((end - begin) / format.bytes);
  for (let i = 0; i < numbers.length; i++) numbers[i] = format.read(data, begin + i * format.bytes);
  return numbers;
}
