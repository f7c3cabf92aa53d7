import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { FileError } from '@refusion/core';
import { fileError } from '@refusion/image-io/node';

/** The process that holds a lock. */
interface Holder {
  readonly pid: number;
  readonly host: string;
}

/** What this process holds: a file with its number may be left from another that had the same. */
const held = new Set<string>();

/**
 * Claims what two runs must not write at once, by a file that names this process. One that a process left which is gone is
 * taken over.
 * @param path the lock file
 * @param what is claimed, for the sentence of the error
 * @returns gives it back
 * @throws FileError if another process has it, or the file cannot be written
 */
export async function lockFile(path: string, what: string): Promise<() => Promise<void>> {
  const key = resolve(path);
  if (!(await claim(path))) {
    const holder = await holderOf(path);
    if (!isGone(holder, key)) throw inUse(path, what, holder);
    await rm(path, { force: true });
    if (!(await claim(path))) throw inUse(path, what, null);
  }
  held.add(key);
  return async () => {
    held.delete(key);
    await rm(path, { force: true });
  };
}

/** False where the file is there already. */
async function claim(path: string): Promise<boolean> {
  const holder: Holder = { pid: process.pid, host: hostname() };
  try {
    await writeFile(path, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw fileError('written', path, cause);
  }
}

/** Null where the file does not say. */
async function holderOf(path: string): Promise<Holder | null> {
  try {
    const { pid, host } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    return typeof host === 'string' && Number.isSafeInteger(pid) ? { pid: Number(pid), host } : null;
  } catch {
    return null;
  }
}

/** Of another machine's process nothing is known. */
function isGone(holder: Holder | null, key: string): boolean {
  if (holder?.host !== hostname()) return false;
  if (holder.pid === process.pid) return !held.has(key);
  try {
    process.kill(holder.pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function inUse(path: string, what: string, holder: Holder | null): FileError {
  const who = holder ? ` (process ${holder.pid} on ${holder.host})` : '';
  return new FileError(
    `${what} is being written by another run${who}; wait for its end or name another, or if there is none remove "${path}"`,
  );
}
