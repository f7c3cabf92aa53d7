import { mkdir, mkdtemp, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FileError } from '@refusion/core';
import { flushFolder } from '@refusion/core/node';

/**
 * Makes a folder for results, and those above it, unless it is there, and checks that files can be made in it: before
 * hours of work, not after.
 * @throws FileError if a file is in the way or the folder cannot be written.
 */
export async function prepareOutputFolder(path: string): Promise<void> {
  if (path === '') throw new FileError('the folder for results has an empty name, give it one');
  try {
    await makeFolder(path);
    // Asking for permissions would not notice a read-only or a full disk.
    await rmdir(await mkdtemp(join(path, '.writable-')));
  } catch (error) {
    throw new FileError(explanation(path, error as NodeJS.ErrnoException), { cause: error });
  }
}

/** What `mkdir` does when `recursive`, but that one never returns in a place like /proc, where no folder can be made. */
async function makeFolder(path: string): Promise<void> {
  const parent = dirname(path);
  try {
    await mkdir(path);
    flushFolder(parent);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Whether what exists is a folder shows when it is written to.
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || parent === path) throw error;
    await makeFolder(parent);
    await mkdir(path);
    flushFolder(parent);
  }
}

function explanation(path: string, { code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'ENOTDIR':
      return `${path}: a file is in the way of this folder, choose another path`;
    case 'ENOENT':
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `${path}: not writable, check its permissions or choose another folder`;
    default:
      return `${path}: cannot be used as a folder for results (${message})`;
  }
}
