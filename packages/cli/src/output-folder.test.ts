import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError } from '@refusion/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareOutputFolder } from './output-folder.js';

let base: string;
beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'refusion-output-'));
});
afterEach(() => {
  rmSync(base, { recursive: true, force: true });
});

describe('prepareOutputFolder', () => {
  it('makes the folder with those above it, leaves it empty, and does not mind that it is there', async () => {
    const folder = join(base, 'a', 'b');
    await prepareOutputFolder(folder);
    expect(readdirSync(folder)).toEqual([]);
    writeFileSync(join(folder, 'kept'), '');
    await prepareOutputFolder(folder);
    expect(readdirSync(folder)).toEqual(['kept']);
  });

  it.each([['file'], ['file', 'below']])('names a file that is in the way: %s', async (...parts) => {
    writeFileSync(join(base, 'file'), '');
    const folder = join(base, ...parts);
    await expect(prepareOutputFolder(folder)).rejects.toThrow(FileError);
    await expect(prepareOutputFolder(folder)).rejects.toThrow(
      `${folder}: a file is in the way of this folder, choose another path`,
    );
  });

  it('asks for a name', async () => {
    await expect(prepareOutputFolder('')).rejects.toThrow(
      'the folder for results has an empty name, give it one',
    );
  });

  // A place where not even root can make a folder.
  it.runIf(existsSync('/proc/self'))('says that a folder cannot be made', async () => {
    await expect(prepareOutputFolder('/proc/results/a')).rejects.toThrow(FileError);
    await expect(prepareOutputFolder('/proc/results/a')).rejects.toThrow(
      '/proc/results/a: not writable, check its permissions or choose another folder',
    );
  });
});
