import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FileError } from '@refusion/core';
import { flushFolder } from '@refusion/core/node';
import { replaceWeightFile } from '@refusion/networks/node';
import { type Checkpoint, DamageError, encodeCheckpoint, readCheckpoint } from './checkpoint-file.js';

const NAME = /^step-(\d+)\.safetensors$/;
/** What a program that was killed leaves of a file that it was replacing. */
const LEFTOVER = /^\..+\.[0-9a-f-]{36}\.tmp$/;

/** Where a training can go on. */
export interface FoundCheckpoint {
  readonly checkpoint: Checkpoint;
  /** What is wrong with those that are newer. */
  readonly damaged: readonly DamageError[];
}

/** The checkpoints of a run, in its folder `checkpoints`: one file each, named by the updates made before it. */
export class Checkpoints {
  readonly folder: string;

  constructor(run: string) {
    this.folder = join(run, 'checkpoints');
  }

  /** Their paths, the newest first. */
  async list(): Promise<string[]> {
    const names = await readdir(this.folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
      throw new FileError(`${this.folder}: cannot be read (${error.message})`, { cause: error });
    });
    const numbered = names.flatMap((name) => {
      const number = NAME.exec(name)?.[1];
      return number === undefined ? [] : [{ name, number: Number(number) }];
    });
    return numbered.sort((p, q) => q.number - p.number).map(({ name }) => join(this.folder, name));
  }

  /**
   * The newest checkpoint that is intact; null if there is none at all. Nothing is changed.
   * @throws FileError if there are checkpoints, and none is intact, or one cannot be read
   */
  async newest(): Promise<FoundCheckpoint | null> {
    const damaged: DamageError[] = [];
    for (const path of await this.list()) {
      try {
        return { checkpoint: await readCheckpoint(path), damaged };
      } catch (error) {
        if (!(error instanceof DamageError)) throw error;
        damaged.push(error);
      }
    }
    const [first] = damaged;
    if (!first) return null;
    throw new FileError(
      `${first.message}, and no checkpoint before it is intact; begin again with --overwrite`,
    );
  }

  /** Gives damaged checkpoints another name, so that they do not count among those to keep. */
  async setAside(damaged: readonly DamageError[]): Promise<void> {
    for (const { path } of damaged) await rename(path, `${path}.damaged`);
  }

  /**
   * Writes a checkpoint in one step, and removes the oldest beyond the number to keep, or as many as must make room.
   * @param updates made so far
   * @throws FileError if it cannot be written; the newest before it is then untouched
   */
  async save(updates: number, checkpoint: Checkpoint, keep: number): Promise<void> {
    const path = join(this.folder, `step-${String(updates).padStart(8, '0')}.safetensors`);
    const bytes = encodeCheckpoint(checkpoint);
    await this.makingRoom(async () => replaceWeightFile(path, bytes));
    for (const old of (await this.list()).slice(keep)) await rm(old, { force: true });
  }

  /** Does what needs room on the disk. Where there is none, checkpoints are removed, the oldest first, but for the newest. */
  async makingRoom<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        const oldest = isFullDisk(error) ? (await this.list()).slice(1).at(-1) : undefined;
        if (oldest === undefined) throw error;
        await rm(oldest);
      }
    }
  }

  /** Makes the folder, and clears away what killed programs left in it. */
  async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    flushFolder(dirname(this.folder));
    await removeLeftovers(this.folder);
  }

  /** Removes all of them. */
  async clear(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Removes the temporary files that killed programs left in a folder. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (LEFTOVER.test(name)) await rm(join(folder, name), { force: true });
  }
}

function isFullDisk(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}
