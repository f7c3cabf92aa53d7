import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '@refusion/core';
import { replaceWeightFile } from '@refusion/networks/node';
import { type Checkpoint, encodeCheckpoint, readCheckpoint } from './checkpoint-file.js';

const NAME = /^step-(\d+)\.safetensors$/;
/** What a program that was killed leaves of a file that it was replacing. */
const LEFTOVER = /^\..+\.[0-9a-f-]{36}\.tmp$/;

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
   * The newest checkpoint that is intact; null if there is none at all. Damaged ones that are newer are removed.
   * @param report told of each, in a sentence
   * @throws FileError if there are checkpoints, and none is intact
   */
  async newest(report: (problem: string) => void): Promise<Checkpoint | null> {
    const paths = await this.list();
    const damaged: string[] = [];
    for (const path of paths) {
      try {
        const checkpoint = await readCheckpoint(path);
        for (const problem of damaged) report(`${problem}; going on from the checkpoint before it`);
        for (const newer of paths.slice(0, damaged.length)) await rm(newer, { force: true });
        return checkpoint;
      } catch (error) {
        if (!(error instanceof FileError)) throw error;
        damaged.push(error.message);
      }
    }
    if (damaged.length === 0) return null;
    throw new FileError(`${damaged[0]}, and no checkpoint before it is intact; begin again with --overwrite`);
  }

  /**
   * Writes a checkpoint in one step, and removes the oldest beyond the number to keep.
   * @param updates made so far
   * @throws FileError if it cannot be written; the ones before are then untouched
   */
  async save(updates: number, checkpoint: Checkpoint, keep: number): Promise<void> {
    const path = join(this.folder, `step-${String(updates).padStart(8, '0')}.safetensors`);
    replaceWeightFile(path, encodeCheckpoint(checkpoint));
    for (const old of (await this.list()).slice(keep)) await rm(old, { force: true });
  }

  /** Makes the folder, and clears away what killed programs left in it. */
  async prepare(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
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
