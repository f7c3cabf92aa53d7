import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError } from '@refusion/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listPairs } from './list-pairs.js';

let root = '';
const at = (...parts: string[]) => join(root, ...parts);
const both = () => listPairs({ a: at('a'), b: at('b') });

async function fill(folder: string, ...names: string[]): Promise<void> {
  await mkdir(at(folder), { recursive: true });
  for (const name of names) await writeFile(at(folder, name), '');
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'pairs-'));
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

describe('listPairs of two folders', () => {
  it('pairs by name without extension, sorted by code unit', async () => {
    await fill('a', 'ä.png', 'b.jpg', 'B.png', '10.png', '9.PNG', 'x.y.png');
    await fill('b', '9.jpg', '10.bmp', 'B.tiff', 'b.webp', 'ä.jpeg', 'x.y.tif');
    const { pairs, problems } = await both();
    expect(pairs.map(({ stem }) => stem)).toEqual(['10', '9', 'B', 'b', 'x.y', 'ä']);
    expect(pairs[0]).toEqual({ stem: '10', a: at('a', '10.png'), b: at('b', '10.bmp') });
    expect(problems).toEqual([]);
  });

  it('pairs names that Unicode spells in two ways', async () => {
    const [composed, decomposed] = ['caf\u00e9 1', 'cafe\u0301 1'];
    await fill('a', `${composed}.png`);
    await fill('b', `${decomposed}.png`);
    const pair = { stem: composed, a: at('a', `${composed}.png`), b: at('b', `${decomposed}.png`) };
    expect(await both()).toEqual({ pairs: [pair], problems: [] });
  });

  it('passes over hidden files, folders and other files', async () => {
    await fill('a', '1.png', '.2.png', 'notes.txt', 'Thumbs.db');
    await mkdir(at('a', '3.png'));
    await fill('b', '1.png');
    expect(await both()).toEqual({
      pairs: [{ stem: '1', a: at('a', '1.png'), b: at('b', '1.png') }],
      problems: [],
    });
  });

  it('names every file without a partner', async () => {
    await fill('a', '1.png', '3.png');
    await fill('b', '1.png', '2.png');
    const { pairs, problems } = await both();
    expect(pairs.map(({ stem }) => stem)).toEqual(['1']);
    expect(problems).toEqual([
      {
        stem: '2',
        kind: 'alone',
        message: `"${at('b', '2.png')}" has no partner: "${at('a')}" has no image named 2; add it or remove the file`,
      },
      {
        stem: '3',
        kind: 'alone',
        message: `"${at('a', '3.png')}" has no partner: "${at('b')}" has no image named 3; add it or remove the file`,
      },
    ]);
  });

  it('refuses two files of one name in a folder', async () => {
    await fill('a', '1.png', '1.jpg');
    await fill('b', '1.png');
    await expect(both()).rejects.toThrow(FileError);
    await expect(both()).rejects.toThrow(
      `"${at('a')}" has two images of one name, 1.jpg and 1.png; remove or rename one`,
    );
  });

  it('names doubles and formats that are not read, and pairs the others', async () => {
    await fill('a', '1.png', '1.jpg', '2.png', '3.gif');
    await fill('b', '1.png', '2.png', '3.gif');
    const { pairs, problems } = await both();
    expect(pairs.map(({ stem }) => stem)).toEqual(['2']);
    expect(problems.map(({ stem, kind }) => [stem, kind])).toEqual([
      ['1', 'double'],
      ['3', 'unread'],
    ]);
    const unread = (folder: string) =>
      `"${at(folder, '3.gif')}" is of a format that is not read; convert it to PNG`;
    expect(problems[1]?.message).toBe(`${unread('a')}; ${unread('b')}`);
  });

  it('refuses a missing folder, one without images, and two without a pair', async () => {
    await fill('a', '1.png');
    await expect(both()).rejects.toThrow(`"${at('b')}" cannot be read: there is no such file or folder`);
    await fill('b', 'notes.txt');
    await expect(both()).rejects.toThrow(`"${at('b')}" has no images`);
    await fill('b', '2.png');
    await expect(both()).rejects.toThrow(`"${at('a')}" and "${at('b')}" have no image of the same name`);
  });
});

describe('listPairs of files', () => {
  it('makes one pair of two files, whatever their names', async () => {
    await fill('a', 'ir.png');
    await fill('b', 'vi.dat');
    const [a, b] = [at('a', 'ir.png'), at('b', 'vi.dat')];
    expect(await listPairs({ a, b })).toEqual({ pairs: [{ stem: 'ir', a, b }], problems: [] });
  });

  it('finds the namesake of a file in a folder', async () => {
    await fill('a', '1.png', '2.png');
    await fill('b', '1.jpg', '2.jpg');
    const a = at('a', '2.png');
    expect(await listPairs({ a, b: at('b') })).toEqual({
      pairs: [{ stem: '2', a, b: at('b', '2.jpg') }],
      problems: [],
    });
  });

  it('names a missing file', async () => {
    await fill('b', '1.jpg');
    await expect(listPairs({ a: at('1.jpg'), b: at('b', '1.jpg') })).rejects.toThrow(
      `"${at('1.jpg')}" cannot be read: there is no such file or folder; check the path`,
    );
  });
});
