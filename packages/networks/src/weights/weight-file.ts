import { readFile, stat } from 'node:fs/promises';
import { FileError } from '@refusion/core';

/** The largest file read, in bytes: a thousand times what the networks of this package need. */
const MAX_FILE_BYTES = 2 ** 30;

/** What Node's error codes mean to someone who reads, or writes, a weight file. */
const READING: Readonly<Record<string, string>> = {
  ENOENT: 'no such file, check the path',
  ENOTDIR: 'no such file, check the path',
  EACCES: 'not readable, check its permissions',
  EPERM: 'not readable, check its permissions',
};

/**
 * Reads a weight file whole.
 * @throws FileError if there is no such file, if it cannot be read, or if it is far larger than weights are.
 */
export async function readWeightFile(path: string): Promise<Uint8Array> {
  return readRegularFile(path).catch((error: unknown) => {
    throw asFileError(path, error, READING);
  });
}

async function readRegularFile(path: string): Promise<Uint8Array> {
  const found = await stat(path);
  if (found.isDirectory()) throw new FileError(`${path}: a folder, name a weight file in it`);
  // A pipe could block for ever, a device never end.
  if (!found.isFile()) throw new FileError(`${path}: not a regular file, name a weight file`);
  if (found.size > MAX_FILE_BYTES) {
    throw new FileError(`${path}: ${found.size} bytes, name a weight file of at most ${MAX_FILE_BYTES}`);
  }
  return readFile(path);
}

/** An error of the file system as one that names the file and says what to do. */
export function asFileError(
  path: string,
  error: unknown,
  meanings: Readonly<Record<string, string>>,
): FileError {
  if (error instanceof FileError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  return new FileError(`${path}: ${meanings[code] ?? message}`, { cause: error });
}
