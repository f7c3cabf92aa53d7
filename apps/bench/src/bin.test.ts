import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readSafetensors, writeSafetensors } from '@refusion/networks/node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shippedFile } from './verify/shipped-file.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-bin-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the program in a process of its own, where its exit code can be seen. */
function run(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const bin = fileURLToPath(new URL('bin.ts', import.meta.url));
  const command = ['--conditions=@refusion/source', '--import=tsx', bin, ...args];
  const env = { ...process.env, DEBUG: '', NODE_OPTIONS: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8', env });
  return { status, stdout, stderr };
}

describe('refusion-bench', () => {
  it('shows examples in its help', () => {
    const { status, stdout, stderr } = run('metrics', '--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/\nExamples:\n {2}\$ refusion-bench metrics --a ir --b vi --fused ours=fused/);
  });

  it('exits with 1 where a golden file is not met', async () => {
    const { tensors, metadata } = await readSafetensors(shippedFile());
    const losses = tensors['inner.fusion_loss'] as (typeof tensors)[string];
    losses.data[0] = 1;
    const path = join(folder, 'wrong.safetensors');
    await writeSafetensors(path, tensors, metadata);
    const { status, stdout, stderr } = run('verify', path);
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout).toMatch(/│ forward .* inner\.fusion_loss .* FAIL /);
  });

  it('exits with 2 and one sentence where a golden file is none', () => {
    const path = join(folder, 'garbage.safetensors');
    writeFileSync(path, 'garbage '.repeat(10));
    const { status, stdout, stderr } = run('verify', path);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^error: .*garbage\.safetensors: not an intact safetensors file.*\n$/);
  });
});
