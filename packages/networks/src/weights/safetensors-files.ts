import type { NdArray } from '@refusion/core';
import { replaceFile } from '@refusion/core/node';
import { decodeSafetensors, type FloatArray, type SafetensorsContent } from './decode-safetensors.js';
import { decodeWeights } from './decode-weights.js';
import { encodeSafetensors } from './encode-safetensors.js';
import { asFileError, readWeightFile } from './weight-file.js';

/** What Node's error codes mean to someone who writes a weight file. */
const WRITING: Readonly<Record<string, string>> = {
  ENOENT: 'its folder does not exist, create it first',
  ENOTDIR: 'its folder is a file, choose another path',
  EISDIR: 'a folder has this name, choose another path',
  EACCES: 'not writable, check the permissions of its folder',
  EPERM: 'not writable, check the permissions of its folder',
  EROFS: 'on a read-only disk, choose another path',
  ENOSPC: 'the disk is full, make room or choose another path',
};

/**
 * Reads a safetensors file; see `decodeSafetensors`.
 * @throws FileError if there is no such file, if it cannot be read, or if it is not an intact safetensors file.
 * @example
 * const { tensors } = await readSafetensors('weights.safetensors');
 */
export async function readSafetensors(path: string): Promise<SafetensorsContent> {
  return decodeSafetensors(await readWeightFile(path), path);
}

/**
 * Writes a safetensors file; see `encodeSafetensors`. A file of that name is replaced in one step: after a crash or a
 * full disk, the old file or the new one is there, never half of it.
 * @throws FileError if the folder does not exist or cannot be written.
 * @throws OptionError, ShapeError as `encodeSafetensors` does.
 * @example
 * await writeSafetensors('weights.safetensors', tensors, { epoch: '3' });
 */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, NdArray<FloatArray>>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  replaceWeightFile(path, encodeSafetensors(tensors, metadata));
}

/**
 * Puts the bytes of a weight file at a path in one step, as `writeSafetensors` does.
 * @throws FileError if the folder does not exist or cannot be written.
 */
export function replaceWeightFile(path: string, bytes: Uint8Array): void {
  try {
    replaceFile(path, bytes);
  } catch (error) {
    throw asFileError(path, error, WRITING);
  }
}

/**
 * Reads a weight file of either format; see `decodeWeights`.
 * @throws FileError if there is no such file, if it cannot be read, or if it is neither format, intact.
 * @example
 * const { tensors } = await readWeights('ReFusion_IVIF.pth');
 */
export async function readWeights(path: string): Promise<SafetensorsContent> {
  return decodeWeights(await readWeightFile(path), path);
}
