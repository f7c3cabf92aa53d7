import { createHash } from 'node:crypto';
import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareOutputFolder } from '@refusion/cli';
import { RefusionError } from '@refusion/core';
import { type Pair, readPair } from '@refusion/data/node';
import { writePng } from '@refusion/image-io/node';
import { FusedRecord } from './fused-record.js';
import { checksumOf, type Fusion, type Model } from './model.js';
import type { RunTone } from './tones.js';

/** Told how it goes. */
export interface FuseListener {
  /** A pair is done, or could not be. */
  readonly onPair: (stem: string) => void;
  readonly onError: (stem: string, error: RefusionError) => void;
}

export interface FuseOptions {
  readonly folder: string;
  readonly tone: RunTone;
  /** Whether the sources' colour is put back. */
  readonly color: boolean;
}

/** How many pictures were fused now, and how many were there. */
export interface FuseCounts {
  readonly fused: number;
  readonly reused: number;
}

/**
 * Fuses pairs by a model into a folder. A picture that is there already, made by the same model of the same sources, is left as
 * it is; where all are, the model is not even opened. A pair that cannot be fused is told, and the others are fused.
 * @throws RefusionError if the model cannot be opened, or the folder written
 */
export async function fuseFolder(
  model: Model,
  pairs: readonly Pair[],
  options: FuseOptions,
  { onPair, onError }: FuseListener,
): Promise<FuseCounts> {
  const { folder } = options;
  await prepareOutputFolder(folder);
  const record = await FusedRecord.open(folder);
  let fusion: Fusion | null = null;
  let [fused, reused] = [0, 0];
  try {
    for (const pair of pairs) {
      const { stem } = pair;
      const file = join(folder, `${stem}.png`);
      const key = await keyOf(model, pair, options).catch(toldBy(onError, stem));
      if (key !== null && record.has(stem, key) && (await exists(file))) reused++;
      else if (key !== null) {
        // A picture of another model must not be scored as one of this.
        await rm(file, { force: true });
        fusion ??= await model.open();
        const done = await fusePair(fusion, pair, options, file).catch(toldBy(onError, stem));
        if (done) {
          await record.add(stem, key);
          fused++;
        }
      }
      onPair(stem);
    }
  } finally {
    await fusion?.close();
  }
  return { fused, reused };
}

/** Passes errors of one pair on, and gives null in place of a result. */
function toldBy(onError: FuseListener['onError'], stem: string): (error: unknown) => null {
  return (error) => {
    if (!(error instanceof RefusionError)) throw error;
    onError(stem, error);
    return null;
  };
}

/** What a fused picture depends on. */
async function keyOf({ key }: Model, { a, b }: Pair, { tone, color }: FuseOptions): Promise<string> {
  const sources = [await checksumOf(a), await checksumOf(b)];
  return createHash('sha256')
    .update(JSON.stringify([key, tone, color, ...sources]))
    .digest('hex');
}

async function fusePair(
  fusion: Fusion,
  pair: Pair,
  { tone, color }: FuseOptions,
  file: string,
): Promise<true> {
  const { a, b } = await readPair(pair);
  const fused = await fusion.fuse(a, b, tone);
  await writePng(file, (color ? fused.color : null) ?? fused.gray);
  return true;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
