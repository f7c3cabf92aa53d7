import { readFile, stat } from 'node:fs/promises';
import { FileError, type NdArray } from '@refusion/core';
import { decodeSafetensors, type FloatArray, type SafetensorsContent } from './decode-safetensors.js';
import { encodeSafetensors } from './encode-safetensors.js';
import { replaceFile } from './replace-file.js';

/** The largest file read, in bytes: a thousand times what the networks of this package need. */
const MAX_FILE_BYTES = 2 ** 30;

/** What Node's error codes mean to someone who reads, or writes, a weight file. */
const READING: Readonly<Record<string, string>> = {
  ENOENT: 'no such file, check the path',
  ENOTDIR: 'no such file, check the path',
  EACCES: 'not readable, check its permissions',
  EPERM: 'not readable, check its permissions',
};
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
  const bytes = await readWeightFile(path).catch((error: unknown) => {
    throw asFileError(path, error, READING);
  });
  return decodeSafetensors(bytes, path);
}

async function readWeightFile(path: string): Promise<Uint8Array> {
  const found = await stat(path);
  if (found.isDirectory()) throw new FileError(`${path}: a folder, name a safetensors file in it`);
  // A pipe could block for ever, a device never end.
  if (!found.isFile()) throw new FileError(`${path}: not a regular file, name a safetensors file`);
  if (found.size > MAX_FILE_BYTES) {
    throw new FileError(`${path}: ${found.size} bytes, name a weight file of at most ${MAX_FILE_BYTES}`);
  }
  return readFile(path);
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
  const bytes = encodeSafetensors(tensors, metadata);
  try {
    replaceFile(path, bytes);
  } catch (error) {
    throw asFileError(path, error, WRITING);
  }
}

function asFileError(path: string, error: unknown, meanings: Readonly<Record<string, string>>): FileError {
  if (error instanceof FileError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new FileError(`${path}: ${meanings[code] ?? message}`, { cause: error });
}
