import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** The folder of a run that has the pictures of the fixed pair. */
export const VIEW_FOLDER = 'view';
export const VIEW_INDEX = 'index.json';
/** The most snapshots that a run keeps. */
export const MOST_SNAPSHOTS = 120;

/** An index that is larger is none that this program wrote. */
const MOST_BYTES = 1 << 20;

// A run folder may come from anywhere, and its index is looked at before anything else of it is believed.
const count = z.int().min(0);
const side = z
  .int()
  .min(1)
  .max(1 << 14);

/** Null, as JSON has it, where a picture's value is not finite. */
const value = z.number().nullable();

const RANGE = z.object({ min: value, mean: value, max: value }).readonly();

const PICTURE = z
  .object({
    // Names that this program gives; no path among them.
    file: z.string().regex(/^[\w-]{1,80}\.png$/),
    /** Of the values before they were rounded to 8 bits. */
    range: RANGE,
  })
  .readonly();

const SNAPSHOT = z
  .object({
    /** Counts the snapshots of the run, from 0. */
    number: count,
    /** Updates made so far. */
    update: count,
    /** Epochs begun so far; 0 before the first update. */
    epoch: count,
    /** By name: `fused`, `reconstructed-a`, `reconstructed-b`, and `w`, `v` (the weights of source a) where P makes them. */
    pictures: z.record(z.string(), PICTURE).readonly(),
  })
  .readonly();

const VIEW_INDEX_CONTENT = z
  .object({
    version: z.literal(1),
    /** The name of the fixed pair. */
    pair: z.string().max(1000),
    height: side,
    width: side,
    /** The updates of the whole training. */
    updates: count,
    epochs: count,
    sources: z.object({ a: PICTURE, b: PICTURE }).readonly(),
    /** The earliest first. */
    snapshots: z.array(SNAPSHOT).max(MOST_SNAPSHOTS).readonly(),
  })
  .readonly();

/** What a map's values are like, over all pixels. */
export type Range = z.output<typeof RANGE>;

/** A picture file of the view folder. */
export type ViewPicture = z.output<typeof PICTURE>;

/** The state of a training as the fixed pair shows it. */
export type Snapshot = z.output<typeof SNAPSHOT>;

/** What `view/index.json` says. */
export type ViewIndex = z.output<typeof VIEW_INDEX_CONTENT>;

/** The index of a run, or null if it has none, or one that this program did not write. */
export async function readViewIndex(run: string): Promise<ViewIndex | null> {
  const path = join(run, VIEW_FOLDER, VIEW_INDEX);
  try {
    const found = await stat(path);
    if (!found.isFile() || found.size > MOST_BYTES) return null;
    return VIEW_INDEX_CONTENT.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

/** The files that an index names. */
export function filesOf({ sources, snapshots }: ViewIndex): string[] {
  const pictures = [...Object.values(sources), ...snapshots.flatMap((s) => Object.values(s.pictures))];
  return pictures.map(({ file }) => file);
}

/**
 * The snapshots to keep of a run: every one or, where these are too many, every second, fourth, ...; and the newest.
 */
export function keptSnapshots(snapshots: readonly Snapshot[]): Snapshot[] {
  const newest = snapshots.at(-1);
  if (!newest) return [];
  let stride = 1;
  while (newest.number / stride >= MOST_SNAPSHOTS - 1) stride *= 2;
  return snapshots.filter((snapshot) => snapshot === newest || snapshot.number % stride === 0);
}
