import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError } from '@refusion/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readPairList } from './read-pair-list.js';

let root = '';
const at = (...parts: string[]) => join(root, ...parts);

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'list-'));
  await mkdir(at('ir'));
  for (const file of ['ir/1.png', 'ir/2, two.png', 'ir/ä.png', 'vi 1.jpg', 'vi2.jpg']) {
    await writeFile(at(file), '');
  }
});
afterEach(async () => {
  await rm(root, { recursive: true });
});

async function read(name: string, content: string | Uint8Array): ReturnType<typeof readPairList> {
  await writeFile(at(name), content);
  return readPairList(at(name));
}

const one = { stem: '1', a: () => at('ir', '1.png'), b: () => at('vi 1.jpg') };

describe('readPairList', () => {
  it('reads CSV: paths from its own folder, quoted cells, names, any order of columns', async () => {
    const text = '\ufeffname,b,a\r\n,vi 1.jpg,ir/1.png\r\n\r\n"zwei, ""2""",vi2.jpg,"ir/2, two.png"\r\n';
    expect(await read('pairs.CSV', text)).toEqual({
      pairs: [
        { stem: '1', a: one.a(), b: one.b() },
        { stem: 'zwei, "2"', a: at('ir', '2, two.png'), b: at('vi2.jpg') },
      ],
      problems: [],
    });
  });

  it('refuses more than 100,000 pairs', async () => {
    const message = 'names more than the 100000 pairs that are read; split it';
    await expect(read('pairs.csv', `a,b\n${'x,y\n'.repeat(100_001)}`)).rejects.toThrow(message);
    const items = new Array(100_001).fill({ a: 'x', b: 'y' });
    await expect(read('pairs.json', JSON.stringify(items))).rejects.toThrow(message);
  });

  it('reads columns in capital letters', async () => {
    expect((await read('pairs.csv', 'A,B,Name\nir/1.png,vi 1.jpg,x\n')).pairs).toEqual([
      { stem: 'x', a: one.a(), b: one.b() },
    ]);
  });

  it('reads JSON, and paths that are absolute', async () => {
    const items = [
      { a: 'ir/1.png', b: at('vi 1.jpg') },
      { a: 'ir/ä.png', b: 'vi2.jpg', name: 'a\u0308' },
    ];
    expect((await read('pairs.json', JSON.stringify(items))).pairs).toEqual([
      { stem: '1', a: one.a(), b: one.b() },
      { stem: 'ä', a: at('ir', 'ä.png'), b: at('vi2.jpg') },
    ]);
  });

  it('names the line of a pair whose picture is missing, and keeps the others', async () => {
    const { pairs, problems } = await read(
      'pairs.csv',
      'a,b,name\nir/1.png,vi2.jpg,"two\tlines"\nir/1.png,none.jpg,x\nir/1.png,vi2.jpg,y\n'.replace('\t', ' '),
    );
    expect(pairs.map(({ stem }) => stem)).toEqual(['two lines', 'y']);
    const message = `"${at('pairs.csv')}", line 3: "${at('none.jpg')}" cannot be read: there is no such file or folder; check the path`;
    expect(problems).toEqual([{ stem: 'x', message }]);
  });

  it.each<[what: string, name: string, content: string | Uint8Array, problem: string]>([
    [
      'another column',
      'p.csv',
      'a,b,nmae\n',
      'line 1: the columns are a, b, nmae, of which "nmae" is unknown; give it',
    ],
    ['a missing column', 'p.csv', 'a,name\n', 'line 1: the columns are a, name; give it a, b and'],
    ['a column twice', 'p.csv', 'a,b,a\n', 'line 1: the columns are a, b, a; give it a, b and'],
    ['semicolons', 'p.csv', 'a;b\nx;y\n', 'line 1: the cells are separated by semicolons; separate them by'],
    [
      'a column twice, once in capitals',
      'p.csv',
      'a,b,A\n',
      'line 1: the columns are a, b, A; give it a, b and',
    ],
    ['an empty cell', 'p.csv', 'a,b\nx,y\nx,\n', 'line 3: b is empty; name a picture'],
    ['too many cells', 'p.csv', 'a,b\nx,y\n\nx,y,z\n', 'line 4: it has more or fewer cells than there'],
    ['too few cells', 'p.csv', 'a,b\n"x\n1",y\nx\n', 'line 4: it has more or fewer cells than there'],
    ['an open quote', 'p.csv', 'a,b\n"x,y\n', 'line 2: a quote is not closed'],
    ['text after a quote', 'p.csv', 'a,b\n"x"z,y\n', 'line 2: text follows a closing quote'],
    ['a quote inside', 'p.csv', 'a,b\nx"z,y\n', 'line 2: a quote opens inside a cell'],
    ['no pair', 'p.csv', 'a,b\n', 'names no pair'],
    ['nothing', 'p.csv', '', 'names no pair'],
    ['an empty list', 'p.json', '[]', 'names no pair'],
    ['no JSON', 'p.json', '[{]', '; correct it, as in [{ "a": "...", "b": "..." }, ...]'],
    ['no list', 'p.json', '{"a":"x","b":"y"}', 'holds no list'],
    ['a number', 'p.json', '[{"a":"x","b":"y","name":3}]', 'item 1: it has more than text'],
    ['an item that is text', 'p.json', '["x"]', 'item 1: it is no pair'],
    ['an item that is nothing', 'p.json', '[null]', 'item 1: it is no pair'],
    ['another key', 'p.json', '[{"a":"x","b":"y","c":"z"}]', 'item 1: it has more than text'],
    ['a missing key', 'p.json', '[{"a":"x","b":"y"},{"b":"y"}]', 'item 2: a is empty'],
    ['a prototype', 'p.json', '[{"__proto__":{"a":"x"},"b":"y"}]', 'item 1: it has more than text'],
    ['a name with a folder', 'p.csv', 'a,b,name\nx,y,../z\n', 'line 2: the name "../z" is none for a file'],
    [
      'a hidden name',
      'p.json',
      '[{"a":"x","b":"y","name":".x"}]',
      'item 1: the name ".x" is none for a file',
    ],
    [
      'two results of one name',
      'p.csv',
      'a,b,name\nu/x.png,y,\nv/X.jpg,y,\n',
      'line 2 and line 3: both results would be called "X"; tell them apart by a name',
    ],
    ['other bytes', 'p.csv', Uint8Array.of(0x61, 0xff), 'is no text in UTF-8'],
    ['another extension', 'p.txt', 'a,b\nx,y\n', 'end it in .csv or .json'],
  ])('refuses %s', async (_what, name, content, problem) => {
    const reading = read(name, content);
    await expect(reading).rejects.toThrow(FileError);
    await expect(reading).rejects.toThrow(`"${at(name)}"`);
    await expect(reading).rejects.toThrow(problem);
    await expect(reading).rejects.toThrow(/^[^\n]*$/);
  });

  it('refuses a folder and what is not there', async () => {
    await expect(readPairList(at('ir'))).rejects.toThrow(`"${at('ir')}" is no file; name a list of pairs`);
    await expect(readPairList(at('none.csv'))).rejects.toThrow('there is no such file or folder');
  });
});
