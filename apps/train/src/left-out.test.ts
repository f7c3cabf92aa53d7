import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { leftOut } from './left-out.js';

const run = mkdtempSync(join(tmpdir(), 'refusion-left-out-'));
afterAll(() => rmSync(run, { recursive: true }));

it('tells of a few pairs that cannot be used one by one, and of many where they are named', async () => {
  const problems = Array.from({ length: 300 }, (_, i) => `pair ${i}`);
  const lines = await leftOut(run, problems);
  expect(lines).toHaveLength(6);
  expect(lines[4]).toBe('left out: pair 4');
  const path = join(run, 'left-out.txt');
  expect(lines[5]).toBe(`left out: 295 more; all 300 are named in ${path}`);
  expect(readFileSync(path, 'utf8').split('\n')).toEqual([...problems, '']);
  expect(await leftOut(run, problems.slice(0, 1))).toEqual(['left out: pair 0']);
  expect(existsSync(path)).toBe(false);
});
