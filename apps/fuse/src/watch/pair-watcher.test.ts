import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError } from '@refusion/core';
import type { Pair, PairProblem } from '@refusion/data/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PairWatcher, watchPairs } from './pair-watcher.js';

// The pictures' content is of no concern here: any bytes are.
let root = '';
let controller: AbortController;
let watcher: PairWatcher;
let items: AsyncIterator<Pair | PairProblem>;
const at = (...names: string[]): string => join(root, ...names);
const pair = (stem: string, ending = 'png') => ({
  stem,
  a: at('a', `${stem}.${ending}`),
  b: at('b', `${stem}.png`),
});
/** On a busy machine. */
const PATIENCE = { timeout: 30_000 };
const pause = (milliseconds: number): Promise<void> =>
  new Promise((done) => {
    setTimeout(done, milliseconds);
  });

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'watch-'));
  mkdirSync(at('a'));
  mkdirSync(at('b'));
});
afterEach(async () => {
  controller.abort();
  await items.return?.();
  rmSync(root, { recursive: true, force: true });
});

/** Starts, and waits until what is written from now on is seen. */
async function start(settle = 100): Promise<void> {
  controller = new AbortController();
  watcher = watchPairs({ a: at('a'), b: at('b'), signal: controller.signal, settle });
  items = watcher.items[Symbol.asyncIterator]();
  for (const side of ['a', 'b']) writeFileSync(at(side, 'first.png'), 'x');
  expect(await next()).toEqual(pair('first'));
}

async function next(): Promise<Pair | PairProblem> {
  const { value, done } = await items.next();
  expect(done).toBe(false);
  return value;
}

describe('watchPairs', () => {
  it('gives the pairs that are there, and those that come, when both partners are', async () => {
    writeFileSync(at('a', 'old.png'), 'x');
    writeFileSync(at('b', 'old.png'), 'x');
    controller = new AbortController();
    watcher = watchPairs({ a: at('a'), b: at('b'), signal: controller.signal, settle: 100 });
    items = watcher.items[Symbol.asyncIterator]();
    expect(await next()).toEqual(pair('old'));

    const coming = next();
    writeFileSync(at('b', 'new.png'), 'x');
    await expect.poll(() => watcher.waiting(), PATIENCE).toEqual(['new']);
    writeFileSync(at('a', 'new.jpg'), 'x');
    expect(await coming).toEqual(pair('new', 'jpg'));
    expect(watcher.waiting()).toEqual([]);
  });

  it('waits until a file has stopped growing', async () => {
    await start(1000);
    writeFileSync(at('b', 'slow.png'), 'x');
    writeFileSync(at('a', 'slow.png'), 'x');
    let parts = 1;
    const growing = setInterval(() => {
      parts++;
      appendFileSync(at('a', 'slow.png'), 'x');
      if (parts === 10) clearInterval(growing);
    }, 100);
    expect(await next()).toEqual(pair('slow'));
    expect(parts).toBe(10);
  });

  it('passes over temporary, hidden and other files until they have a name of a picture', async () => {
    await start();
    writeFileSync(at('b', 'x.png'), 'x');
    for (const name of ['x.png.part', '.x.png', 'x.tmp', 'x.txt']) writeFileSync(at('a', name), 'x');
    mkdirSync(at('a', 'x.tiff'));
    const coming = next();
    await pause(400);
    renameSync(at('a', 'x.png.part'), at('a', 'x.png'));
    expect(await coming).toEqual(pair('x'));
  });

  it('gives a pair again when a partner is replaced', async () => {
    await start();
    const coming = next();
    writeFileSync(at('b', 'first.png'), 'longer');
    expect(await coming).toEqual(pair('first'));
  });

  it('forgets what was removed, and names two pictures of one name', async () => {
    await start();
    unlinkSync(at('a', 'first.png'));
    await expect.poll(() => watcher.waiting(), PATIENCE).toEqual(['first']);
    writeFileSync(at('b', 'first.png'), 'longer');
    writeFileSync(at('a', 'two.png'), 'x');
    writeFileSync(at('a', 'two.jpg'), 'x');
    await expect.poll(() => watcher.waiting(), PATIENCE).toEqual(['first', 'two']);
    await pause(300);
    writeFileSync(at('b', 'two.png'), 'x');
    expect(await next()).toEqual({
      stem: 'two',
      message: `"${at('a')}" has two images of one name, two.jpg and two.png; remove or rename one`,
    });
    expect(watcher.waiting()).toEqual(['first']);
  });

  it.each([
    ['removed', () => unlinkSync(at('a', 'first.jpg'))],
    ['renamed', () => renameSync(at('a', 'first.jpg'), at('a', 'other.jpg'))],
  ])('gives a pair again once the second picture of its name is %s', async (_how, mend) => {
    await start();
    writeFileSync(at('a', 'first.jpg'), 'x');
    expect(await next()).toMatchObject({ message: expect.stringContaining('first.jpg and first.png') });
    const coming = next();
    mend();
    expect(await coming).toEqual(pair('first'));
  });

  it('ends by its signal, also while it waits', async () => {
    await start();
    const coming = items.next();
    controller.abort();
    expect(await coming).toEqual({ value: undefined, done: true });
  });

  it('ends with one sentence when a folder is removed', async () => {
    await start();
    const coming = items.next();
    rmSync(at('b'), { recursive: true });
    await expect(coming).rejects.toThrow(FileError);
    await expect(coming).rejects.toThrow(`"${at('b')}" has been removed; start again`);
  });
});
