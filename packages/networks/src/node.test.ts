import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError, ndarray, ShapeError } from '@refusion/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSafetensors, writeSafetensors } from './node.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'refusion-weights-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const weights = { w: ndarray(new Float32Array([1, 2, 3]), [3]) };

describe('writeSafetensors and readSafetensors', () => {
  it('write a file and read it back, leaving nothing else in the folder', async () => {
    const path = join(folder, 'a.safetensors');
    await writeSafetensors(path, weights, { epoch: '1' });
    await writeSafetensors(path, weights, { epoch: '2' });
    const { tensors, metadata } = await readSafetensors(path);
    expect(tensors['w']).toEqual(weights.w);
    expect(metadata).toEqual(Object.assign(Object.create(null), { epoch: '2' }));
    expect(readdirSync(folder)).toEqual(['a.safetensors']);
  });

  it('keep the old file, and no temporary one, when the new one cannot be made', async () => {
    const path = join(folder, 'a.safetensors');
    await writeSafetensors(path, weights);
    const before = readFileSync(path);
    const wrong = { w: { data: new Float32Array(2), shape: [3] } };
    await expect(writeSafetensors(path, wrong)).rejects.toThrow(ShapeError);
    expect(readFileSync(path)).toEqual(before);

    const taken = join(folder, 'taken');
    mkdirSync(taken);
    await expect(writeSafetensors(taken, weights)).rejects.toThrow(FileError);
    await expect(writeSafetensors(taken, weights)).rejects.toThrow(
      `${taken}: a folder has this name, choose another path`,
    );
    expect(readdirSync(folder).sort()).toEqual(['a.safetensors', 'taken']);
  });

  it('say in one sentence why a file cannot be written', async () => {
    writeFileSync(join(folder, 'file'), '');
    const nowhere = join(folder, 'missing', 'a.safetensors');
    await expect(writeSafetensors(nowhere, weights)).rejects.toThrow(
      `${nowhere}: its folder does not exist, create it first`,
    );
    const inFile = join(folder, 'file', 'a.safetensors');
    await expect(writeSafetensors(inFile, weights)).rejects.toThrow(
      `${inFile}: its folder is a file, choose another path`,
    );
  });

  it('say in one sentence why a file cannot be read', async () => {
    const missing = join(folder, 'missing.safetensors');
    await expect(readSafetensors(missing)).rejects.toThrow(FileError);
    await expect(readSafetensors(missing)).rejects.toThrow(`${missing}: no such file, check the path`);
    await expect(readSafetensors(folder)).rejects.toThrow(`${folder}: a folder, name a weight file in it`);
    const text = join(folder, 'notes.txt');
    writeFileSync(text, 'hello');
    await expect(readSafetensors(text)).rejects.toThrow(
      `${text}: not an intact safetensors file, it has only 5 bytes`,
    );
  });

  // Devices and permissions exist on POSIX systems alone, and nothing is forbidden to root.
  it.runIf(existsSync('/dev/zero'))('do not read from a device that never ends', async () => {
    await expect(readSafetensors('/dev/zero')).rejects.toThrow('/dev/zero: not a regular file');
  });

  it.runIf(process.getuid?.() !== 0 && process.platform !== 'win32')('name missing permissions', async () => {
    const path = join(folder, 'a.safetensors');
    await writeSafetensors(path, weights);
    chmodSync(path, 0o000);
    await expect(readSafetensors(path)).rejects.toThrow(`${path}: not readable, check its permissions`);
    chmodSync(folder, 0o500);
    await expect(writeSafetensors(path, weights)).rejects.toThrow(
      `${path}: not writable, check the permissions`,
    );
    chmodSync(folder, 0o700);
  });
});
