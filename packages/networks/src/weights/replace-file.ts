import { randomUUID } from 'node:crypto';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Puts bytes at a path in one step: after a crash or a full disk, the old file or the new one is there, never half of
 * it. The new bytes go to a temporary file in the same folder, reach the disk, and take the name over; the folder
 * reaches the disk too.
 *
 * Synchronous on purpose: a signal's handler runs only between two turns of the event loop, so that an interrupted
 * program does not leave the temporary file behind.
 *
 * @throws Node's own error; the temporary file is removed.
 */
export function replaceFile(path: string, bytes: Uint8Array): void {
  // Not longer than the system allows, however long the name is.
  const temporary = join(dirname(path), `.refusion.${randomUUID()}.tmp`);
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

/** So that the new name survives a power cut. Windows has no such call, and needs none. */
function flushFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function writeToDisk(file: number, bytes: Uint8Array): void {
  try {
    writeFileSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
