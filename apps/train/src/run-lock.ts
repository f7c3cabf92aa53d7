import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareOutputFolder } from '@refusion/cli';
import { FileError } from '@refusion/core';
import { writeFileAtomic } from '@refusion/image-io/node';
import { ZodError } from 'zod';
import { isAlive, ownProcess, PROCESS_MARK, type ProcessMark, sameMachine } from './process-mark.js';

const LOCK = /^\.trainer\.[0-9a-f-]{36}\.lock$/;
/** How often a trainer shows that it lives, in milliseconds, and after how long without a sign it is taken for dead. */
const SIGN_EVERY = 30_000;
const SILENCE = 10 * 60_000;
const MOST_BYTES = 10_000;

/** A run folder that is this training's alone. */
export interface RunLock {
  release(): Promise<void>;
}

/**
 * Makes a run folder, unless it is there, and takes it for this training alone. A trainer that was killed holds nothing:
 * on this machine its process is gone; on another, which shares the folder, it gives no sign of life for 10 minutes.
 *
 * Everyone writes a lock of their own and then looks for others, so that of two that begin at the same instant at most
 * one goes on.
 * @throws FileError if the folder cannot be written, or another training is under way in it
 */
export async function lockRun(run: string): Promise<RunLock> {
  const isNew = (await stat(run).catch(() => null)) === null;
  await prepareOutputFolder(run);
  const own = join(run, `.trainer.${randomUUID()}.lock`);
  await writeFileAtomic(own, `${JSON.stringify(ownProcess())}\n`);
  const release = async (): Promise<void> => {
    await rm(own, { force: true });
    // What no training was begun in goes, if it is still empty.
    if (isNew) await rmdir(run).catch(() => {});
  };
  try {
    await expectNobodyElse(run, own);
    const stopSigns = await signsOfLife(own);
    return {
      release: async () => {
        await stopSigns();
        await release();
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

async function expectNobodyElse(run: string, own: string): Promise<void> {
  // By the clock of the disk, which may be another machine's.
  const now = (await stat(own)).mtimeMs;
  for (const name of await readdir(run)) {
    const path = join(run, name);
    if (!LOCK.test(name) || path === own) continue;
    const holder = await readLock(path);
    if (!holder) continue;
    const silence = now - holder.lastSign;
    if (sameMachine(holder.mark) ? isAlive(holder.mark) : silence < SILENCE) {
      const { pid, host } = holder.mark;
      const where = sameMachine(holder.mark) ? `process ${pid}` : `process ${pid} on "${host}"`;
      throw new FileError(
        `${run}: ${where} is training in this folder; wait until it ends, stop it, or choose another folder (if it is over: remove ${path})`,
      );
    }
    await rm(path, { force: true });
  }
}

/** Who holds a lock, and when they last showed that they live; null if it is gone, or no trainer's. */
async function readLock(path: string): Promise<{ mark: ProcessMark; lastSign: number } | null> {
  try {
    const { mtimeMs, size } = await stat(path);
    if (size > MOST_BYTES) return null;
    const mark = PROCESS_MARK.parse(JSON.parse(await readFile(path, 'utf8')));
    return { mark, lastSign: mtimeMs };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || error instanceof SyntaxError || error instanceof ZodError) return null;
    throw new FileError(`${path}: cannot be read (${message})`, { cause: error });
  }
}

/** Writes a lock's last byte again and again, which changes nothing but the time of the file. */
async function signsOfLife(path: string): Promise<() => Promise<void>> {
  const file: FileHandle = await open(path, 'r+');
  const { size } = await file.stat();
  let writing: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    // A sign that does not get through is followed by others.
    writing = file.write('\n', size - 1).catch(() => {});
  }, SIGN_EVERY);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await writing;
    await file.close();
  };
}
