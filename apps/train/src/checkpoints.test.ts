import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import type { Checkpoint } from './checkpoint-file.js';
import { Checkpoints } from './checkpoints.js';

const root = mkdtempSync(join(tmpdir(), 'refusion-checkpoints-'));
afterAll(() => rmSync(root, { recursive: true }));

let run = '';
let checkpoints: Checkpoints;
const problems: string[] = [];
const report = (problem: string): void => {
  problems.push(problem);
};
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
  logBytes: 0,
  pairs: { count: 2, sha256: '' },
});
const stepOf = (found: Checkpoint | null): number | undefined => found?.saved.values.position.step;

beforeEach(async () => {
  run = mkdtempSync(join(root, 'run-'));
  checkpoints = new Checkpoints(run);
  problems.length = 0;
  await checkpoints.prepare();
});

describe('the checkpoints of a run', () => {
  it('are none before the first', async () => {
    expect(await checkpoints.newest(report)).toBeNull();
    expect(await new Checkpoints(join(run, 'nowhere')).newest(report)).toBeNull();
  });

  it('are kept, the newest so many', async () => {
    for (const updates of [2, 9, 10, 100]) await checkpoints.save(updates, at(updates), 2);
    expect(names()).toEqual(['step-00000010.safetensors', 'step-00000100.safetensors']);
    expect(stepOf(await checkpoints.newest(report))).toBe(100);
    expect(problems).toEqual([]);
  });

  it('fall back to the one before, and say so, where one is cut short', async () => {
    for (const updates of [1, 2, 3]) await checkpoints.save(updates, at(updates), 9);
    const [newest, second] = (await checkpoints.list()) as [string, string];
    truncateSync(newest, 100);
    truncateSync(second, 0);
    expect(stepOf(await checkpoints.newest(report))).toBe(1);
    const damage = 'damaged or cut short, its checksum does not fit; going on from the checkpoint before it';
    expect(problems).toEqual([`${newest}: ${damage}`, `${second}: ${damage}`]);
    // They must not count among those to keep.
    expect(names()).toEqual(['step-00000001.safetensors']);
  });

  it('say so where none is intact', async () => {
    await checkpoints.save(1, at(1), 9);
    const [only] = (await checkpoints.list()) as [string];
    truncateSync(only, 50);
    await expect(checkpoints.newest(report)).rejects.toThrow(
      `${only}: damaged or cut short, its checksum does not fit, and no checkpoint before it is intact; begin again with --overwrite`,
    );
    expect(readFileSync(only)).toHaveLength(50);
  });

  it('are not confused by what a killed program leaves, which is cleared away', async () => {
    const leftover = '.step-00000009.safetensors.01234567-89ab-cdef-0123-456789abcdef.tmp';
    writeFileSync(join(checkpoints.folder, leftover), 'half');
    writeFileSync(join(checkpoints.folder, 'notes.txt'), 'mine');
    await checkpoints.save(3, at(3), 1);
    expect(stepOf(await checkpoints.newest(report))).toBe(3);
    await checkpoints.prepare();
    expect(names()).toEqual(['notes.txt', 'step-00000003.safetensors']);
  });
});
