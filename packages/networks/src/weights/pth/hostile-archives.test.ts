import { readFileSync } from 'node:fs';
import { FileError } from '@refusion/core';
import { unzipSync, zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { decodePth } from './decode-pth.js';

const intact = readFileSync(new URL('../../../../../fixtures/pth/f32.pth', import.meta.url));
const { 'f32/data.pkl': pickle = new Uint8Array(0), ...others } = unzipSync(intact);
const END_LENGTH = 22;

/** The intact file with other entries, stored as PyTorch does. */
function withEntries(entries: Record<string, Uint8Array>): Uint8Array {
  return zipSync({ 'f32/data.pkl': pickle, ...others, ...entries }, { level: 0 });
}

function without(name: string): Uint8Array {
  const entries = Object.entries({ 'f32/data.pkl': pickle, ...others }).filter(([other]) => other !== name);
  return zipSync(Object.fromEntries(entries), { level: 0 });
}

/** Makes all entries of the directory mean the bytes of the first, so that together they multiply the file. */
function overlapping(): Uint8Array {
  const small = { 'f32/y': new Uint8Array(1), 'f32/z': new Uint8Array(1) };
  const bytes = zipSync({ 'f32/x': new Uint8Array(500), ...small }, { level: 0 });
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length - 4; at++) {
    if (view.getUint32(at, true) !== 0x02014b50) continue;
    view.setUint32(at + 20, 500, true);
    view.setUint32(at + 24, 500, true);
    view.setUint32(at + 42, 0, true);
  }
  return bytes;
}

/** A 64-bit directory of four thousand million entries, which would lie in the empty space after the file. */
function endless(): Uint8Array {
  const record = new Uint8Array(56 + 20);
  const view = new DataView(record.buffer);
  view.setUint32(0, 0x06064b50, true);
  view.setUint32(32, 0xffffffff, true);
  view.setUint32(48, intact.length + record.length, true);
  view.setUint32(56, 0x07064b50, true);
  view.setUint32(56 + 8, intact.length - END_LENGTH, true);
  return Uint8Array.from([...intact.subarray(0, -END_LENGTH), ...record, ...intact.subarray(-END_LENGTH)]);
}

/** The directory's end says that it has no entries. */
function empty(): Uint8Array {
  const bytes = Uint8Array.from(intact);
  bytes.fill(0, bytes.length - 14, bytes.length - 10);
  return bytes;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`f32/${i}`, new Uint8Array(0)]));

it('the archive that the others are made of is read, with a byte order too', () => {
  const { tensors } = decodePth(intact, 'x.pth');
  expect(decodePth(withEntries({ 'f32/byteorder': text('little') }), 'x.pth').tensors).toEqual(tensors);
});

it.each<[what: string, bytes: Uint8Array, problem: string]>([
  ['without a directory', intact.subarray(0, -END_LENGTH), 'its zip directory cannot be read'],
  ['without entries', empty(), 'its archive has 0 files data.pkl instead of one'],
  ['without a pickle', without('f32/data.pkl'), 'its archive has 0 files data.pkl instead of one'],
  [
    'with two pickles',
    withEntries({ 'b/data.pkl': pickle }),
    'its archive has 2 files data.pkl instead of one',
  ],
  [
    'with an empty pickle',
    withEntries({ 'f32/data.pkl': text('') }),
    'it ends where 1 more bytes should follow',
  ],
  ['that is compressed', zipSync({ 'f32/data.pkl': pickle }), 'its entry "f32/data.pkl" is compressed'],
  ['with entries that overlap', overlapping(), 'its entries are together larger than the file'],
  ['with an endless directory', endless(), 'its archive has "" twice'],
  ['with too many entries', withEntries(many), 'its archive has more than 20000 entries'],
  ['without a storage', without('f32/data/1'), 'its storage "1" is missing'],
  [
    'with a storage too short',
    withEntries({ 'f32/data/1': new Uint8Array(15) }),
    'its storage "1" has 15 bytes and should have 16',
  ],
  [
    'of big-endian numbers',
    withEntries({ 'f32/byteorder': text('big') }),
    'its numbers are not little-endian',
  ],
])('an archive %s ends in one sentence', (_what, bytes, problem) => {
  const decode = (): unknown => decodePth(bytes, 'x.pth');
  expect(decode).toThrow(FileError);
  expect(decode).toThrow(problem);
  expect(decode).toThrow(/^x\.pth: [^\n]+$/);
});
