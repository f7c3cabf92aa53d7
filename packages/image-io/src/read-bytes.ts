import { readFile, stat } from 'node:fs/promises';
import { FileError } from '@refusion/core';
import { fileError } from './file-error.js';
import { MAX_FILE_BYTES } from './limits.js';

/**
 * Reads an image file whole.
 * @throws FileError if it is missing, not a regular file, or larger than `MAX_FILE_BYTES`.
 */
export async function readBytes(path: string): Promise<Uint8Array> {
  const info = await stat(path).catch((cause) => {
    throw fileError('read', path, cause);
  });
  // Reading a device or a pipe might never end.
  if (!info.isFile() && !info.isDirectory()) {
    throw new FileError(`"${path}" cannot be read: it is not a regular file; name an image file`);
  }
  if (info.size > MAX_FILE_BYTES) {
    throw new FileError(
      `"${path}" has ${info.size} bytes, more than the ${MAX_FILE_BYTES} that are read; make it smaller`,
    );
  }
  return readFile(path).catch((cause) => {
    throw fileError('read', path, cause);
  });
}
