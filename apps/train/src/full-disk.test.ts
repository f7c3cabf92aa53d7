import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it, vi } from 'vitest';
import { trainConfig } from './configure.js';
import { runTraining } from './training.js';

const disk = vi.hoisted(() => ({ folder: '', room: Number.POSITIVE_INFINITY }));

/** A disk of little room: what is beyond it is not written. */
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const writeFileSync = (file: number, content: Uint8Array | string): void => {
    const bytes = Buffer.from(content);
    const files = fs.readdirSync(disk.folder, { recursive: true, withFileTypes: true });
    const used = files.map((entry) => fs.statSync(join(entry.parentPath, entry.name)).size);
    const free = disk.room - used.reduce((sum, size) => sum + size, 0);
    fs.writeFileSync(file, bytes.subarray(0, Math.max(0, free)));
    if (bytes.length > free) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
  };
  return { ...fs, writeFileSync };
});

const scratch = mkdtempSync(join(tmpdir(), 'refusion-full-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const CONFIG = trainConfig({
  data: 'synthetic',
  scenes: 2,
  network: { dim: 4, blocks: 1, heads: 2 },
  crop: 8,
  batch: 1,
  epochs: 1,
  fusionSteps: 5,
  loss: 'average',
  checkpointEvery: 2,
});

const sizeOf = (...path: string[]): number => statSync(join(disk.folder, ...path)).size;
const checkpoints = (): string[] => readdirSync(join(disk.folder, 'checkpoints')).sort();

async function trained(resume = false): Promise<string> {
  return runTraining(CONFIG, { out: disk.folder, quiet: true, resume }).then(
    () => 'trained',
    (error: Error) => error.message,
  );
}

beforeEach(() => {
  disk.folder = mkdtempSync(join(scratch, 'run-'));
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
});

it('a disk that has no room for the weights has it for the last update, in place of older checkpoints', async () => {
  disk.room = Number.POSITIVE_INFINITY;
  expect(await trained()).toBe('trained');
  const [checkpoint, others] = [
    sizeOf('checkpoints', 'step-00000005.safetensors'),
    sizeOf('fusion.safetensors'),
  ];
  disk.folder = mkdtempSync(join(scratch, 'small-'));
  // Enough for two checkpoints; the first weights come after the fifth update.
  disk.room = 2 * checkpoint + others / 2;
  const sentence = await trained();
  expect(sentence).toContain('fusion.safetensors: the disk is full, make room or choose another path');
  expect(sentence).toContain('the training is saved up to update 5, go on with');
  expect(checkpoints()).toEqual(['step-00000004.safetensors', 'step-00000005.safetensors']);
  disk.room = Number.POSITIVE_INFINITY;
  expect(await trained(true)).toBe('trained');
});
