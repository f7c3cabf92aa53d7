import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NdArray, sameShape } from '@refusion/core';
import type { Picture } from '@refusion/image-io';
import { readPicture } from '@refusion/image-io/node';
import type { Fused } from '@refusion/pipeline';

/** The tasks whose weights the authors published. */
export const OFFICIAL_TASKS = ['IVIF', 'MIF', 'MFIF', 'MEIF'] as const;

/** What the authors' code made of a pair; paths of sources are relative to the shared folder, others to the task's. */
export interface OfficialOutput {
  readonly task: string;
  readonly id: string;
  readonly a: string;
  readonly b: string;
  readonly height: number;
  readonly width: number;
  /** The network's output: float32, little-endian, row by row. */
  readonly f32: string;
  readonly gray: string;
  readonly rgb: string | null;
}

/** How far two pictures of 8 bits are apart: shares of their pixels, each judged by its worst channel. */
export interface LevelDifference {
  readonly most: number;
  readonly byOne: number;
  readonly byMore: number;
}

/** How far a pair's result is from the authors'. */
export interface Parity {
  /** The network's output, `[H, W]`. */
  readonly output: NdArray<Float32Array>;
  /** The largest absolute difference of the network's output. */
  readonly raw: number;
  readonly gray: LevelDifference;
  /** `null` where both have no colour; infinite where one has. */
  readonly color: LevelDifference | null;
  /** From pictures to picture, reading and writing left out. */
  readonly seconds: number;
}

/** Whether a folder has the authors' outputs. */
export function hasOutputs(shared: string): boolean {
  return existsSync(join(shared, 'official', 'outputs'));
}

/** The outputs of a task, in the order of their names. */
export function outputsOf(shared: string, task: string): OfficialOutput[] {
  const folder = join(shared, 'official', 'outputs', task);
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => ({ id: file.slice(0, -5), ...JSON.parse(readFileSync(join(folder, file), 'utf8')) }));
}

/** Fuses two pictures by the authors' tone. */
export type PairOf8Bits = (a: Picture, b: Picture) => Promise<Fused>;

/** Fuses a pair of the authors' and compares all that comes out. */
export async function parityOf(fuse: PairOf8Bits, shared: string, output: OfficialOutput): Promise<Parity> {
  const path = (file: string): string => join(shared, 'official', 'outputs', output.task, file);
  const [a, b] = [await readPicture(join(shared, output.a)), await readPicture(join(shared, output.b))];
  const start = performance.now();
  const { raw, gray, color } = await fuse(a, b);
  const seconds = (performance.now() - start) / 1000;
  const bytes = readFileSync(path(output.f32));
  const theirOutput = raw.data.map((_value, i) => bytes.readFloatLE(4 * i));
  const grays = levelDifference(gray, await readPicture(path(output.gray)));
  const theirs = output.rgb === null ? null : await readPicture(path(output.rgb));
  const colours = color || theirs ? levelDifference(color, theirs) : null;
  const worst = furthest(raw, { data: theirOutput, shape: raw.shape });
  return { output: raw, raw: worst, gray: grays, color: colours, seconds };
}

/** The largest absolute difference between two arrays of one shape. */
export function furthest(a: NdArray<Float32Array>, b: NdArray<Float32Array>): number {
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - (b.data[i] as number))), 0);
}

function levelDifference(ours: Picture | null, theirs: Picture | null): LevelDifference {
  if (!ours || !theirs || !sameShape(ours.shape, theirs.shape)) {
    return { most: Number.POSITIVE_INFINITY, byOne: 0, byMore: 1 };
  }
  const [height, width, channels = 1] = ours.shape;
  const off = new Uint8Array(height * width);
  ours.data.forEach((value, i) => {
    const pixel = Math.floor(i / channels);
    off[pixel] = Math.max(off[pixel] as number, Math.abs(value - (theirs.data[i] as number)));
  });
  return {
    most: off.reduce((most, levels) => Math.max(most, levels), 0),
    byOne: off.filter((levels) => levels === 1).length / off.length,
    byMore: off.filter((levels) => levels > 1).length / off.length,
  };
}
