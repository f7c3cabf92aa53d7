import { closeSync, fsyncSync, openSync } from 'node:fs';

/** What file systems say that cannot flush folders, or not for this user: nothing that a writer could do better. */
const TOLERATED: ReadonlySet<string | undefined> = new Set(['EINVAL', 'ENOTSUP', 'EACCES', 'EPERM']);

/**
 * Brings the names in a folder to the disk, so that new ones survive a power cut. A file system that cannot do so is
 * left to its own ways; Windows has no such call, and needs none.
 * @throws Node's own error, if there is no such folder or the disk fails.
 */
export function flushFolder(path: string): void {
  if (process.platform === 'win32') return;
  try {
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (error) {
    if (!TOLERATED.has((error as NodeJS.ErrnoException).code)) throw error;
  }
}
