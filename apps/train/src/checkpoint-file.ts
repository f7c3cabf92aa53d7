import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { FileError, RefusionError } from '@refusion/core';
import { PHASES, type SavedState } from '@refusion/meta';
import { decodeSafetensors, encodeSafetensors } from '@refusion/networks';
import { z } from 'zod';
import { CONFIG, DEFAULTS, type TrainConfig } from './config.js';

/** All that a training needs to go on, beside its pairs. */
export interface Checkpoint {
  readonly saved: SavedState;
  readonly config: TrainConfig;
  readonly maker: Maker;
  /** How many bytes of `log.jsonl` come before it. */
  readonly logBytes: number;
  /** What the pairs that it trains on were. */
  readonly pairs: PairsMark;
}

/** What the numbers of a checkpoint come from. */
export type Maker = Readonly<z.output<typeof MAKER>>;

/** Tells one set of pairs from another, by their names and sizes. */
export type PairsMark = z.output<typeof PAIRS>;

const count = () => z.int().nonnegative();
const PAIRS = z.strictObject({ count: count(), sha256: z.string() });
const MAKER = z.strictObject({
  /** Of this program. */
  version: z.string(),
  /** The name of the engine. */
  engine: z.string(),
});
const STREAMS = z.strictObject({ metaTrain: z.json(), metaTest: z.json(), fusionTrain: z.json() });

/** Of the format. */
const VERSION = 2;

/** The plain values of a checkpoint, as they stand in its metadata. */
const CONTENT = z.strictObject({
  version: z.literal(VERSION),
  values: z.strictObject({
    position: z.strictObject({ epoch: count(), phase: z.enum(PHASES), step: count() }),
    streams: STREAMS.nullable(),
    updates: z.strictObject({ fusion: count(), objective: count(), proposal: count() }),
    pending: count(),
  }),
  config: z.looseObject({}),
  maker: MAKER,
  logBytes: count(),
  pairs: PAIRS,
});

/** The metadata's first field is the checksum of the whole file, in which 64 zeros stand for it. */
const UNSIGNED = '0'.repeat(64);
const HEAD = '{"__metadata__":{"sha256":"';
/** Behind the 8 bytes of the header's length. */
const CHECKSUM_AT = 8 + HEAD.length;

/** A checkpoint as the bytes of a safetensors file that carries its own checksum. The same state gives the same bytes. */
export function encodeCheckpoint({ saved: { tensors, values }, ...others }: Checkpoint): Uint8Array {
  const content = JSON.stringify({ version: VERSION, values, ...others });
  const bytes = encodeSafetensors(tensors, { sha256: UNSIGNED, format: 'refusion-checkpoint', content });
  bytes.set(Buffer.from(checksum(bytes), 'latin1'), CHECKSUM_AT);
  return bytes;
}

function checksum(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Whether the checksum in a file is that of its other bytes. */
function isIntact(bytes: Uint8Array): boolean {
  const end = CHECKSUM_AT + UNSIGNED.length;
  if (bytes.length < end) return false;
  const unsigned = Uint8Array.from(bytes);
  unsigned.set(Buffer.from(UNSIGNED, 'latin1'), CHECKSUM_AT);
  return Buffer.from(bytes.subarray(CHECKSUM_AT, end)).toString('latin1') === checksum(unsigned);
}

/** A checkpoint file whose bytes are not those that were written. */
export class DamageError extends FileError {
  constructor(readonly path: string) {
    super(`${path}: damaged or cut short, its checksum does not fit`);
  }
}

/**
 * Reads a checkpoint file.
 * @throws DamageError if it is not an intact one; FileError if it cannot be read; RefusionError if it is intact, and
 * nothing that this version of the program knows
 */
export async function readCheckpoint(path: string): Promise<Checkpoint> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new FileError(`${path}: cannot be read (${cause.message})`, { cause });
  });
  if (!isIntact(bytes)) throw new DamageError(path);
  const { tensors, metadata } = decodeSafetensors(bytes, path);
  try {
    const {
      version: _version,
      values,
      config,
      ...others
    } = CONTENT.parse(JSON.parse(metadata['content'] ?? 'null'));
    // A setting that this version has and its writer had not is as it always was.
    return { saved: { tensors, values }, config: CONFIG.parse({ ...DEFAULTS, ...config }), ...others };
  } catch (cause) {
    throw new RefusionError(`${path}: written by another version of this program`, { cause });
  }
}
