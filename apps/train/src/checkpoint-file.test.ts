import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError } from '@refusion/core';
import { decodeSafetensors } from '@refusion/networks';
import { afterAll, describe, expect, it } from 'vitest';
import { type Checkpoint, DamageError, encodeCheckpoint, readCheckpoint } from './checkpoint-file.js';
import { trainConfig } from './configure.js';

const scratch = mkdtempSync(join(tmpdir(), 'refusion-checkpoint-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const path = join(scratch, 'step-00000007.safetensors');

/** Numbers that lose something in any text or narrower format. */
const checkpoint: Checkpoint = {
  saved: {
    tensors: {
      'fusion/w': { data: Float32Array.of(0.1, -0, 1e-45, 3.4028234663852886e38), shape: [2, 2] },
      'proposal/w': { data: Float64Array.of(0.1, 5e-324, -0), shape: [3] },
    },
    values: {
      position: { epoch: 1, phase: 'fusion', step: 2 },
      streams: {
        metaTrain: { random: [1, 2, 3, 4294967295], waiting: [3, 1], drawn: 7 },
        metaTest: null,
        fusionTrain: [0.1],
      },
      updates: { fusion: 3, objective: 3, proposal: 0 },
      pending: 1,
    },
  },
  config: trainConfig({ data: 'synthetic', network: { dim: 4, heads: 2 }, alphaF: 0.1 }),
  maker: { version: '1.2.3', engine: 'wasm' },
  logBytes: 1234,
  pairs: { count: 2, sha256: 'ab' },
};

const written = async (bytes: Uint8Array): Promise<Checkpoint> => {
  writeFileSync(path, bytes);
  return readCheckpoint(path);
};

describe('a checkpoint file', () => {
  it('keeps everything, bit by bit', async () => {
    const read = await written(encodeCheckpoint(checkpoint));
    expect({ ...read, saved: { ...read.saved, tensors: { ...read.saved.tensors } } }).toEqual(checkpoint);
    for (const [name, { data }] of Object.entries(checkpoint.saved.tensors)) {
      const again = read.saved.tensors[name]?.data as Float32Array;
      expect(again.constructor).toBe(data.constructor);
      expect(Buffer.from(again.buffer)).toEqual(Buffer.from(data.buffer));
    }
  });

  it('is a safetensors file, whose checksum is the SHA-256 of its bytes with zeros in its place', () => {
    const bytes = encodeCheckpoint(checkpoint);
    const { metadata } = decodeSafetensors(bytes, 'here');
    const text = Buffer.from(bytes).toString('latin1');
    const unsigned = Buffer.from(text.replace(metadata['sha256'] as string, '0'.repeat(64)), 'latin1');
    expect(createHash('sha256').update(unsigned).digest('hex')).toBe(metadata['sha256']);
    expect(encodeCheckpoint(checkpoint)).toEqual(bytes);
  });

  it('is refused wherever it is cut short', async () => {
    const bytes = encodeCheckpoint(checkpoint);
    for (const length of [0, 1, 8, 34, 35, 60, 99, 200, bytes.length - 1]) {
      const reading = written(bytes.subarray(0, length));
      await expect(reading).rejects.toThrow(DamageError);
      await expect(reading).rejects.toThrow(`${path}: damaged or cut short, its checksum does not fit`);
    }
    await expect(written(Buffer.concat([bytes, Buffer.of(0)]))).rejects.toThrow(FileError);
  });

  it('is refused whichever of its bits has changed', async () => {
    const bytes = encodeCheckpoint(checkpoint);
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] as number) ^ 1;
      await expect(written(changed), `byte ${at}`).rejects.toThrow(FileError);
    }
  });

  it('of another version is no damaged one', async () => {
    const values = { ...checkpoint.saved.values, pending: -1 };
    const reading = written(encodeCheckpoint({ ...checkpoint, saved: { ...checkpoint.saved, values } }));
    await expect(reading).rejects.toThrow(`${path}: written by another version of this program`);
    await expect(reading).rejects.not.toThrow(FileError);
  });

  it('of a version that had fewer settings has those that were meant', async () => {
    const { alphaR: _one, ...config } = checkpoint.config;
    const read = await written(
      encodeCheckpoint({ ...checkpoint, config: config as typeof checkpoint.config }),
    );
    expect(read.config).toEqual(checkpoint.config);
  });

  it('that is gone is named', async () => {
    const gone = join(scratch, 'gone');
    await expect(readCheckpoint(gone)).rejects.toThrow(`${gone}: cannot be read (ENOENT`);
    await expect(readCheckpoint(gone)).rejects.not.toThrow(DamageError);
    expect(() => readFileSync(gone)).toThrow();
  });
});
