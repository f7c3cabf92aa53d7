import type { NdArray } from '@refusion/core';
import type { FloatArray } from '../decode-safetensors.js';
import type { Container } from './container.js';
import { isLegacy, readLegacyContainer } from './legacy-container.js';
import { namedTensors } from './named-tensors.js';
import { damagedPth } from './pth-errors.js';
import { readTensors } from './read-tensors.js';
import { isZip, readZipContainer } from './zip-container.js';

/**
 * Bytes of tensors for each byte of the file: twice for float16 that becomes float32, and the same again for each
 * other name that a tensor has.
 */
const MAX_EXPANSION = 8;

/** The most bytes of tensors from any file. */
const MAX_DECODED_BYTES = 2 ** 30;

/** What a PyTorch file holds. */
export interface PthContent {
  /** By name, in the order of the file. The record has no prototype: any name is safe in it. */
  readonly tensors: Record<string, NdArray<FloatArray>>;
}

/**
 * Reads the tensors of a PyTorch state dict (`.pth`, `.pt`): the zip format of PyTorch since 1.6, or the format
 * before. float64 and float32 are kept; float16 and bfloat16 are widened to float32 without loss. Every array is a copy
 * of its own, row-major, whatever its strides were.
 *
 * A name is the keys of nested dicts, joined by dots. Keys that all tensors share (`state_dict`, `model`) are left out,
 * and so are the numbers, text and lists that checkpoints have beside their tensors.
 *
 * Made for files that nobody vouches for. A `.pth` is a pickle, a program for Python: this reader knows the few
 * opcodes and names that a state dict needs, runs nothing, and refuses any other by its name. Opcodes, entries, nesting
 * and text are limited, and all tensors together take at most 8 times the file's bytes and 1 GiB.
 *
 * @param bytes The whole file.
 * @param source What messages call the file, such as its path.
 * @throws FileError if the file is not intact, or holds anything but a state dict of real numbers.
 * @example
 * const { tensors } = decodePth(bytes, 'ReFusion_IVIF.pth');
 */
export function decodePth(bytes: Uint8Array, source: string): PthContent {
  const { root, bytesOf } = readContainer(bytes, source);
  const limit = Math.min(MAX_EXPANSION * bytes.length, MAX_DECODED_BYTES);
  return { tensors: readTensors(namedTensors(root, source), bytesOf, limit, source) };
}

function readContainer(bytes: Uint8Array, source: string): Container {
  if (isZip(bytes)) return readZipContainer(bytes, source);
  if (isLegacy(bytes)) return readLegacyContainer(bytes, source);
  throw damagedPth(source, 'it starts with the bytes of neither of its formats');
}
