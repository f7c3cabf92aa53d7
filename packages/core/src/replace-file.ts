import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { flushFolder } from './flush-folder.js';
import { outlivedSync } from './outlive-threads.js';

/**
 * Puts bytes at a path in one step: after a crash or a full disk, the old file or the new one is there, never half of
 * it. The new bytes go to a temporary file in the same folder, reach the disk, and take the name over; the folder
 * reaches the disk too.
 *
 * Synchronous on purpose: a signal's handler runs only between two turns of the event loop, so that an interrupted
 * program does not leave the temporary file behind; nor does one whose threads write, if it calls `outliveThreads`.
 *
 * @throws Node's own error; the temporary file is removed.
 */
export function replaceFile(path: string, bytes: Uint8Array | string): void {
  outlivedSync(() => replace(path, bytes));
}

function replace(path: string, bytes: Uint8Array | string): void {
  // Not longer than the system allows, however long the name is.
  const temporary = join(dirname(path), `.refusion.${randomUUID()}.tmp`);
  // Fails rather than follow a file or link that happens to be there.
  const file = openSync(temporary, 'wx');
  try {
    writeToDisk(file, bytes);
    renameSync(temporary, path);
    flushFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function writeToDisk(file: number, bytes: Uint8Array | string): void {
  try {
    writeFileSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
