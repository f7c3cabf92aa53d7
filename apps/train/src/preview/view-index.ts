import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The folder of a run that has the pictures of the fixed pair. */
export const VIEW_FOLDER = 'view';
export const VIEW_INDEX = 'index.json';
/** The most snapshots that a run keeps. */
export const MOST_SNAPSHOTS = 120;

/** What a map's values are like, over all pixels. */
export interface Range {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

/** A picture file of the view folder. */
export interface ViewPicture {
  readonly file: string;
  /** Of the values before they were rounded to 8 bits. */
  readonly range: Range;
}

/** The state of a training as the fixed pair shows it. */
export interface Snapshot {
  /** Counts the snapshots of the run, from 0. */
  readonly number: number;
  /** Updates made so far. */
  readonly update: number;
  /** Epochs begun so far; 0 before the first update. */
  readonly epoch: number;
  /** By name: `fused`, `reconstructed-a`, `reconstructed-b`, and `w`, `v` (the weights of source a) where P makes them. */
  readonly pictures: { readonly [name: string]: ViewPicture };
}

/** What `view/index.json` says. */
export interface ViewIndex {
  readonly version: 1;
  /** The name of the fixed pair. */
  readonly pair: string;
  readonly height: number;
  readonly width: number;
  /** The updates of the whole training. */
  readonly updates: number;
  readonly epochs: number;
  readonly sources: { readonly a: ViewPicture; readonly b: ViewPicture };
  /** The earliest first. */
  readonly snapshots: readonly Snapshot[];
}

/** The index of a run, or null if it has none that can be read. */
export async function readViewIndex(run: string): Promise<ViewIndex | null> {
  try {
    const index: unknown = JSON.parse(await readFile(join(run, VIEW_FOLDER, VIEW_INDEX), 'utf8'));
    return isViewIndex(index) ? index : null;
  } catch {
    return null;
  }
}

/** Names that this program gives; no path among them. */
const FILE = /^[\w-]{1,80}\.png$/;

function isViewIndex(value: unknown): value is ViewIndex {
  if (!isRecord(value) || value['version'] !== 1 || !Array.isArray(value['snapshots'])) return false;
  const numbers = ['height', 'width', 'updates', 'epochs'];
  return (
    typeof value['pair'] === 'string' &&
    numbers.every((name) => Number.isFinite(value[name])) &&
    isPictures(value['sources']) &&
    value['snapshots'].every(isSnapshot)
  );
}

function isSnapshot(value: unknown): value is Snapshot {
  if (!isRecord(value) || !isPictures(value['pictures'])) return false;
  return ['number', 'update', 'epoch'].every((name) => Number.isFinite(value[name]));
}

function isPictures(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every((p) => isRecord(p) && FILE.test(String(p['file'])));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
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
