import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { NdArray } from '@refusion/core';
import type { GrayPair } from '@refusion/data';
import { picture } from '@refusion/image-io';
import { fileError, writeFileAtomic, writePng } from '@refusion/image-io/node';
import { removeLeftovers } from '../checkpoints.js';
import {
  filesOf,
  keptSnapshots,
  type Range,
  readViewIndex,
  type Snapshot,
  VIEW_FOLDER,
  VIEW_INDEX,
  type ViewIndex,
  type ViewPicture,
} from './view-index.js';
import type { NamedPictures } from './view-pictures.js';

/** What the pictures of a snapshot are called. */
const PICTURE = /^\d{8,}-[\w-]+\.png$/;

/** What a view is of. */
export interface ViewSubject {
  readonly name: string;
  readonly pair: GrayPair;
  /** The updates and epochs of the whole training. */
  readonly updates: number;
  readonly epochs: number;
}

/** Writes a run's `view` folder: the index last, so that it never names a file that is not there. */
export class ViewFolder {
  private constructor(
    private readonly run: string,
    private index: ViewIndex,
  ) {}

  /**
   * Makes the folder, or goes on with the one that is there.
   * @param done the updates made so far: later snapshots, of a training that was interrupted, are dropped
   * @throws FileError if it cannot be written
   */
  static async open(run: string, subject: ViewSubject, done: number): Promise<ViewFolder> {
    const { name, pair, updates, epochs } = subject;
    const folder = join(run, VIEW_FOLDER);
    const old = done > 0 ? await readViewIndex(run) : null;
    const kept = old?.pair === name ? old.snapshots.filter(({ update }) => update <= done) : [];
    if (kept.length === 0) await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true }).catch((error: unknown) => {
      throw fileError('written', folder, error);
    });
    const [height, width] = pair.a.shape as [number, number];
    const sources = { a: await written(folder, 'a', pair.a), b: await written(folder, 'b', pair.b) };
    const view = new ViewFolder(run, {
      version: 1,
      pair: name,
      height,
      width,
      updates,
      epochs,
      sources,
      snapshots: kept,
    });
    await view.save(kept, old);
    await view.clearAway();
    return view;
  }

  /** The updates of the newest snapshot; -1 if there is none. */
  get newest(): number {
    return this.index.snapshots.at(-1)?.update ?? -1;
  }

  /** @throws FileError if it cannot be written; the folder is then as it was */
  async add(update: number, epoch: number, pictures: NamedPictures): Promise<void> {
    const { snapshots } = this.index;
    const folder = join(this.run, VIEW_FOLDER);
    const stem = String(update).padStart(8, '0');
    const entries = await Promise.all(
      Object.entries(pictures).map(
        async ([name, map]) => [name, await written(folder, `${stem}-${name}`, map)] as const,
      ),
    );
    const number = (snapshots.at(-1)?.number ?? -1) + 1;
    const snapshot: Snapshot = { number, update, epoch, pictures: Object.fromEntries(entries) };
    await this.save(keptSnapshots([...snapshots, snapshot]), this.index);
  }

  /** Removes what a program that was killed while it looked has left. */
  private async clearAway(): Promise<void> {
    const folder = join(this.run, VIEW_FOLDER);
    await removeLeftovers(folder);
    const named = new Set(filesOf(this.index));
    for (const name of await readdir(folder)) {
      if (PICTURE.test(name) && !named.has(name)) await rm(join(folder, name), { force: true });
    }
  }

  /** Writes the index with these snapshots, and then removes the files that only the old one names. */
  private async save(snapshots: readonly Snapshot[], old: ViewIndex | null): Promise<void> {
    const folder = join(this.run, VIEW_FOLDER);
    const index = { ...this.index, snapshots };
    await writeFileAtomic(join(folder, VIEW_INDEX), `${JSON.stringify(index)}\n`);
    this.index = index;
    const named = new Set(filesOf(index));
    const dropped = (old ? filesOf(old) : []).filter((file) => !named.has(file));
    for (const file of dropped) await rm(join(folder, file), { force: true });
  }
}

async function written(folder: string, stem: string, map: NdArray<Float32Array>): Promise<ViewPicture> {
  const file = `${stem}.png`;
  const bytes = Uint8Array.from(map.data, (value) => Math.round(255 * Math.min(1, Math.max(0, value))));
  await writePng(join(folder, file), picture(bytes, map.shape));
  return { file, range: rangeOf(map.data) };
}

function rangeOf(values: Float32Array): Range {
  let [min, max, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const value of values) {
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
  }
  const short = (value: number): number | null =>
    Number.isFinite(value) ? Number(value.toPrecision(4)) : null;
  return { min: short(min), mean: short(sum / values.length), max: short(max) };
}
