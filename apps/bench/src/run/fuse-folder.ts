import { createHash } from 'node:crypto';
import { rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { prepareOutputFolder } from '@refusion/cli';
import { RefusionError } from '@refusion/core';
import { type Pair, readPair } from '@refusion/data/node';
import { encodePng, writeFileAtomic } from '@refusion/image-io/node';
import { removeFile } from '../remove-file.js';
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

/**
 * Fuses pairs by a model into a folder. A picture that is there already, made by the same model of the same sources and not
 * changed since, is left as it is; where all are, the model is not even opened. A pair that cannot be fused is told, and the
 * others are fused.
 * @returns how many of the pairs have a picture now; a folder without any is removed
 * @throws RefusionError if the model cannot be opened, or the folder written
 */
export async function fuseFolder(
  model: Model,
  pairs: readonly Pair[],
  options: FuseOptions,
  { onPair, onError }: FuseListener,
): Promise<number> {
  const { folder } = options;
  await prepareOutputFolder(folder);
  const record = await FusedRecord.open(folder);
  let fusion: Fusion | null = null;
  let pictures = 0;
  try {
    for (const pair of pairs) {
      const { stem } = pair;
      const file = join(folder, `${stem}.png`);
      const tell = toldBy(onError, stem);
      const key = await keyOf(model, pair, options).catch(tell);
      if (key !== null && record.has(stem, { key, checksum: await checksumOfAny(file) })) pictures++;
      else {
        // A picture of another model, or one that was damaged since, must not be scored as one of this.
        await removeFile(file);
        if (key !== null) fusion ??= await model.open();
        const checksum = fusion && key && (await fusePair(fusion, pair, options, file).catch(tell));
        if (checksum && key) {
          await record.add(stem, { key, checksum });
          pictures++;
        }
      }
      onPair(stem);
    }
  } finally {
    await fusion?.close();
    if (pictures === 0) await removeEmptyFolder(folder);
  }
  return pictures;
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

/** Fuses a pair into a file, whose checksum it gives. */
async function fusePair(
  fusion: Fusion,
  pair: Pair,
  { tone, color }: FuseOptions,
  file: string,
): Promise<string> {
  const { a, b } = await readPair(pair);
  const fused = await fusion.fuse(a, b, tone);
  const bytes = await encodePng((color ? fused.color : null) ?? fused.gray);
  await writeFileAtomic(file, bytes);
  return createHash('sha256').update(bytes).digest('hex');
}

/** One that has other files in it stays. */
async function removeEmptyFolder(path: string): Promise<void> {
  await rmdir(path).catch(() => {});
}

/** Of a file that is not there, or cannot be read, the empty text, which is that of none. */
async function checksumOfAny(path: string): Promise<string> {
  return checksumOf(path).catch(() => '');
}
