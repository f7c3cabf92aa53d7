import { once } from 'node:events';
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OptionError } from '@refusion/core';
import { loadEngine } from '@refusion/tf';
import { afterAll, expect, it, vi } from 'vitest';
import { trainConfig } from './configure.js';
import { closeAll } from './observers.js';
import { runTraining } from './training.js';

const scratch = mkdtempSync(join(tmpdir(), 'refusion-observers-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const CONFIG = trainConfig({
  data: 'synthetic',
  scenes: 2,
  crop: 8,
  batch: 1,
  epochs: 1,
  metaSteps: 0,
  fusionSteps: 2,
  network: { dim: 2, blocks: 1, heads: 1 },
});

/** The files of a folder that this process has open, where the system tells. */
function openFiles(folder: string): string[] {
  if (process.platform !== 'linux') return [];
  const links = readdirSync('/proc/self/fd').map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  return links.filter((path) => path.startsWith(folder));
}

it('a page that cannot be served leaves neither tensors nor files open', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const engine = await loadEngine('wasm');
  const before = engine.tensorCount();
  const view = { every: 1, pair: null, watch: { port } };
  const training = runTraining(CONFIG, { out: join(scratch, 'taken'), quiet: true, engine, view });
  await expect(training).rejects.toThrow(OptionError);
  await expect(training).rejects.toThrow(`port ${port} cannot be had`);
  expect(engine.tensorCount()).toBe(before);
  expect(openFiles(scratch)).toEqual([]);
  taken.close();
});

it('an observer that cannot be closed keeps no other one open, and is told of', async () => {
  const closed: string[] = [];
  const close = (name: string, error?: Error) => () => {
    closed.push(name);
    if (error) throw error;
  };
  const event = () => {};
  const observers = [
    { event, close: close('first', new Error('first fails')) },
    { event, close: close('second', new Error('second fails')) },
    { event },
    { event, close: close('last') },
  ];
  await expect(closeAll(observers)).rejects.toThrow('first fails');
  expect(closed).toEqual(['first', 'second', 'last']);
});

it('what ends a training is told, whatever cannot be closed after it', async () => {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const observer = {
    event: () => {
      throw new OptionError('enough');
    },
    close: () => {
      throw new Error('not closed');
    },
  };
  const out = join(scratch, 'ended');
  await expect(runTraining(CONFIG, { out, quiet: true, observers: [observer] })).rejects.toThrow(
    /^enough; the training is saved up to update 1, /,
  );
  expect(openFiles(scratch)).toEqual([]);
});
