import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError } from '@refusion/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { lockFile } from './lock-file.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-lock-'));
  path = join(folder, 'run.lock');
});
afterEach(() => rm(folder, { recursive: true }));

const claim = () => lockFile(path, '"results"');

it('is held once, and given back', async () => {
  const release = await claim();
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ pid: process.pid, host: hostname() });
  await expect(claim()).rejects.toThrow(
    new FileError(
      `"results" is being written by another run (process ${process.pid} on ${hostname()}); wait for its end or name another, or if there is none remove "${path}"`,
    ),
  );
  await release();
  expect(await readdir(folder)).toEqual([]);
  await (await claim())();
});

it('is taken over from a process that is gone, this process of another time too', async () => {
  // Numbers of processes end at 2^22 on Linux, and are smaller elsewhere.
  for (const pid of [2 ** 30, process.pid]) {
    await writeFile(path, JSON.stringify({ pid, host: hostname() }));
    await (await claim())();
  }
});

it('is left to a process that lives or that nothing is known of', async () => {
  const holders = [{ pid: process.ppid, host: hostname() }, { pid: 2 ** 30, host: 'elsewhere' }, 'garbage'];
  for (const holder of holders) {
    await writeFile(path, JSON.stringify(holder));
    await expect(claim()).rejects.toThrow('"results" is being written by another run');
  }
});

it('says where it cannot be', async () => {
  path = join(folder, 'none', 'run.lock');
  await expect(claim()).rejects.toThrow(FileError);
});
