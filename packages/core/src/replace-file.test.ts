import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { flushFolder, replaceFile } from './node.js';

/** What was done, in order, and what a flush of a folder answers. */
const disk = vi.hoisted(() => ({ done: [] as string[], answer: null as string | null }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const fsyncSync = (file: number): void => {
    const isFolder = fs.fstatSync(file).isDirectory();
    disk.done.push(isFolder ? 'folder flushed' : 'file flushed');
    if (isFolder && disk.answer) throw Object.assign(new Error(disk.answer), { code: disk.answer });
    fs.fsyncSync(file);
  };
  const renameSync = (from: string, to: string): void => {
    disk.done.push('renamed');
    fs.renameSync(from, to);
  };
  return { ...fs, fsyncSync, renameSync };
});

const folder = mkdtempSync(join(tmpdir(), 'refusion-replace-'));
const path = join(folder, 'file');
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(() => {
  disk.done.length = 0;
  disk.answer = null;
});

// Windows cannot flush folders.
describe.runIf(process.platform !== 'win32')('a file that is replaced', () => {
  it('reaches the disk before it takes its name, and its name after', () => {
    replaceFile(path, 'old');
    replaceFile(path, Uint8Array.of(110, 101, 119));
    expect(readFileSync(path, 'utf8')).toBe('new');
    const once = ['file flushed', 'renamed', 'folder flushed'];
    expect(disk.done).toEqual([...once, ...once]);
  });

  it.each(['EINVAL', 'ENOTSUP', 'EACCES', 'EPERM'])(
    'is there where folders cannot be flushed (%s)',
    (code) => {
      disk.answer = code;
      replaceFile(path, code);
      expect(readFileSync(path, 'utf8')).toBe(code);
    },
  );

  it('is an error where the disk fails, or there is no such folder', () => {
    disk.answer = 'EIO';
    expect(() => replaceFile(path, 'x')).toThrow('EIO');
    expect(() => flushFolder(join(folder, 'nowhere'))).toThrow('ENOENT');
    expect(() => replaceFile(join(folder, 'nowhere', 'file'), 'x')).toThrow('ENOENT');
    expect(readdirSync(folder)).toEqual(['file']);
    expect(statSync(path).size).toBe(1);
  });
});
