import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Report } from './child.js';

/** Runs the child to its end: one that hangs is ended, and has no report. */
function run(what: string): Report {
  const child = fileURLToPath(new URL('child.ts', import.meta.url));
  const args = ['--conditions=@refusion/source', '--import=tsx', child, what];
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env, timeout: 100_000 });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

// Node with sharp and the packages takes 110 MB before the first file.
const MEMORY = 300e6;

describe('thousands of damaged files, of every kind that is read,', () => {
  it.each(['pictures', 'weights'])(
    '%s: are read or refused in one sentence each, in bounded memory',
    (what) => {
      const { read, refused, unclean, peak } = run(what);
      expect(unclean).toEqual([]);
      expect(read + refused).toBe(4000);
      // Damage to a pixel, a number or a name is not visible; damage to the structure must be.
      expect(refused).toBeGreaterThan(2000);
      expect(read).toBeGreaterThan(100);
      expect(peak).toBeLessThan(MEMORY);
    },
  );
});

it('damaged models are read or refused in one sentence each, in bounded memory', () => {
  const { read, refused, unclean, peak } = run('models');
  expect(unclean).toEqual([]);
  expect(read + refused).toBe(400);
  expect(refused).toBeGreaterThan(80);
  expect(read).toBeGreaterThan(40);
  expect(peak).toBeLessThan(MEMORY);
});

it.each(['nodes', 'integers'])('a model of 80 MB of %s is refused, in the memory of the file', (what) => {
  const { refused, unclean, peak } = run(what);
  expect(unclean).toEqual([]);
  expect(refused).toBe(1);
  expect(peak).toBeLessThan(MEMORY + 2 * 80e6);
});

it('the largest picture, from a file of 200 kB, takes no more than its values do', () => {
  const { read, peak } = run('largest');
  expect(read).toBe(1);
  // A hundred million values of two bytes become as many of four; the file is made in the same process.
  expect(peak).toBeLessThan(MEMORY + 100e6 * (2 + 4) + 250e6);
});
