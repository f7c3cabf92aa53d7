import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileError } from '@refusion/image-io/node';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Checkpoint } from './checkpoint-file.js';
import { Checkpoints, type FoundCheckpoint } from './checkpoints.js';
import { trainConfig } from './configure.js';

const root = mkdtempSync(join(tmpdir(), 'refusion-checkpoints-'));
afterAll(() => rmSync(root, { recursive: true }));

let run = '';
let checkpoints: Checkpoints;
const names = (): string[] => readdirSync(checkpoints.folder).sort();
const at = (updates: number): Checkpoint => ({
  saved: {
    tensors: { 'fusion/w': { data: Float32Array.of(updates), shape: [] } },
    values: {
      position: { epoch: 0, phase: 'meta', step: updates },
      streams: null,
      updates: { fusion: 0, objective: 0, proposal: 0 },
      pending: 0,
    },
  },
  config: trainConfig({ data: 'synthetic' }),
  maker: { version: '', engine: '' },
  logBytes: 0,
  pairs: { count: 2, sha256: '' },
});
const stepOf = (found: FoundCheckpoint | null): number | undefined =>
  found?.checkpoint.saved.values.position.step;

beforeEach(async () => {
  run = mkdtempSync(join(root, 'run-'));
  checkpoints = new Checkpoints(run);
  await checkpoints.prepare();
});

describe('the checkpoints of a run', () => {
  it('are none before the first', async () => {
    expect(await checkpoints.newest()).toBeNull();
    expect(await new Checkpoints(join(run, 'nowhere')).newest()).toBeNull();
  });

  it('are kept, the newest so many', async () => {
    for (const updates of [2, 9, 10, 100]) await checkpoints.save(updates, at(updates), 2);
    expect(names()).toEqual(['step-00000010.safetensors', 'step-00000100.safetensors']);
    expect(stepOf(await checkpoints.newest())).toBe(100);
    expect((await checkpoints.newest())?.damaged).toEqual([]);
  });

  it('fall back to the one before where one is cut short, which is kept for looking at', async () => {
    for (const updates of [1, 2, 3]) await checkpoints.save(updates, at(updates), 9);
    const [newest, second] = (await checkpoints.list()) as [string, string];
    truncateSync(newest, 100);
    truncateSync(second, 0);
    const before = names();
    const found = await checkpoints.newest();
    expect(stepOf(found)).toBe(1);
    const damage = 'damaged or cut short, its checksum does not fit';
    expect(found?.damaged.map(({ message }) => message)).toEqual([
      `${newest}: ${damage}`,
      `${second}: ${damage}`,
    ]);
    expect(names()).toEqual(before);
    await checkpoints.setAside(found?.damaged ?? []);
    // They must not count among those to keep.
    expect(await checkpoints.list()).toHaveLength(1);
    expect(names()).toEqual(before.map((name) => (name.includes('01') ? name : `${name}.damaged`)));
  });

  it('do not fall back from one that cannot be read: it may be intact', async () => {
    await checkpoints.save(1, at(1), 9);
    const path = join(checkpoints.folder, 'step-00000002.safetensors');
    mkdirSync(path);
    await expect(checkpoints.newest()).rejects.toThrow(`${path}: cannot be read (EISDIR`);
    expect(names()).toEqual(['step-00000001.safetensors', 'step-00000002.safetensors']);
  });

  it('make room for a new one on a full disk, the oldest first, but for the newest', async () => {
    for (const updates of [1, 2, 3, 4]) await checkpoints.save(updates, at(updates), 9);
    let asked = 0;
    const full = (times: number) => async (): Promise<void> => {
      if (++asked <= times)
        throw fileError('written', 'x', Object.assign(new Error('no space'), { code: 'ENOSPC' }));
    };
    await checkpoints.makingRoom(full(2));
    expect(names()).toEqual(['step-00000003.safetensors', 'step-00000004.safetensors']);
    await expect(checkpoints.makingRoom(full(9))).rejects.toThrow('the disk is full');
    expect(names()).toEqual(['step-00000004.safetensors']);
    await expect(checkpoints.makingRoom(() => Promise.reject(new Error('other')))).rejects.toThrow('other');
  });

  it('say so where none is intact', async () => {
    await checkpoints.save(1, at(1), 9);
    const [only] = (await checkpoints.list()) as [string];
    truncateSync(only, 50);
    await expect(checkpoints.newest()).rejects.toThrow(
      `${only}: damaged or cut short, its checksum does not fit, and no checkpoint before it is intact; begin again with --overwrite`,
    );
    expect(readFileSync(only)).toHaveLength(50);
  });

  it('are not confused by what a killed program leaves, which is cleared away', async () => {
    const leftover = '.step-00000009.safetensors.01234567-89ab-cdef-0123-456789abcdef.tmp';
    writeFileSync(join(checkpoints.folder, leftover), 'half');
    writeFileSync(join(checkpoints.folder, 'notes.txt'), 'mine');
    await checkpoints.save(3, at(3), 1);
    expect(stepOf(await checkpoints.newest())).toBe(3);
    await checkpoints.prepare();
    expect(names()).toEqual(['notes.txt', 'step-00000003.safetensors']);
  });
});
