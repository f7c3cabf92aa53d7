import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { resultsOf } from '../results/test-results.js';
import { Collector } from '../test-bench.js';
import { writeResults } from './write-results.js';

it('writes the files that it can, and tells of the others', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'bench-write-'));
  const stderr = new Collector();
  const board = { perImage: false, stats: false, digits: 3 };
  const files = [
    { path: join(folder, 'gone', 'x.json'), format: 'json' as const },
    { path: join(folder, 'y.csv'), format: 'csv' as const },
  ];
  expect(await writeResults(files, resultsOf({ ours: [[1, 2]] }), { board, stderr })).toBe(1);
  expect(stderr.text).toMatch(/^error: ".*x\.json" cannot be written: .*\n$/);
  expect(await readdir(folder)).toEqual(['y.csv']);
  expect(await readFile(join(folder, 'y.csv'), 'utf8')).toContain('data,ours,mean');
  await rm(folder, { recursive: true });
});
