import { FileError } from '@refusion/core';
import { type UnzipFileInfo, unzipSync } from 'fflate';
import { quoted } from '../damaged.js';
import { ByteCursor } from './byte-cursor.js';
import type { Container } from './container.js';
import { damagedPth, unsupportedPth } from './pth-errors.js';
import { readPickle } from './read-pickle.js';
import { StorageTable } from './storage-table.js';

/** The most entries of an archive; a state dict has one for each storage and a few more. */
const MAX_ENTRIES = 20_000;

const STORED = 0;

/** `PK\3\4`, what every zip archive with an entry starts with. */
const SIGNATURE = [0x50, 0x4b, 3, 4];

export function isZip(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => bytes[i] === byte);
}

/**
 * Takes apart the format since PyTorch 1.6: a zip archive with the pickle in `<name>/data.pkl` and each storage in
 * `<name>/data/<key>`. As in PyTorch, the entries' checksums are not compared.
 * @throws FileError if the archive is damaged, compressed, or not PyTorch's.
 */
export function readZipContainer(bytes: Uint8Array, source: string): Container {
  const files = unzip(bytes, source);
  const pickles = [...files.keys()].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const [pickle] = pickles;
  if (pickle === undefined || pickles.length > 1) {
    throw damagedPth(source, `its archive has ${pickles.length} files data.pkl instead of one`);
  }
  const folder = pickle.slice(0, -'data.pkl'.length);
  expectLittleEndian(files.get(`${folder}byteorder`), source);
  const cursor = new ByteCursor(files.get(pickle) as Uint8Array, source);
  const root = readPickle(cursor, new StorageTable(source));
  return {
    root,
    bytesOf: ({ key, format, count }) => {
      const data = files.get(`${folder}data/${key}`);
      if (!data) throw damagedPth(source, `its storage ${quoted(key)} is missing`);
      if (data.length !== count * format.bytes) {
        throw damagedPth(
          source,
          `its storage ${quoted(key)} has ${data.length} bytes and should have ${count * format.bytes}`,
        );
      }
      return data;
    },
  };
}

/** The entries by name. They are copies of parts of the file, together no larger than the file. */
function unzip(bytes: Uint8Array, source: string): ReadonlyMap<string, Uint8Array> {
  try {
    return new Map(Object.entries(unzipSync(bytes, { filter: entryCheck(bytes.length, source) })));
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw damagedPth(source, 'its zip directory cannot be read', error);
  }
}

/** Sees every entry before it is read, and ends the reading of an archive that PyTorch would not write. */
function entryCheck(fileSize: number, source: string): (entry: UnzipFileInfo) => boolean {
  const names = new Set<string>();
  let total = 0;
  return ({ name, size, compression }) => {
    if (compression !== STORED) {
      throw unsupportedPth(source, `its entry ${quoted(name)} is compressed, which PyTorch never does`);
    }
    if (names.has(name)) throw damagedPth(source, `its archive has ${quoted(name)} twice`);
    names.add(name);
    total += size;
    if (names.size > MAX_ENTRIES)
      throw damagedPth(source, `its archive has more than ${MAX_ENTRIES} entries`);
    // Entries may be made to overlap, so that a small file unpacks to a large one.
    if (total > fileSize) throw damagedPth(source, 'its entries are together larger than the file');
    return true;
  };
}

function expectLittleEndian(byteOrder: Uint8Array | undefined, source: string): void {
  // Before PyTorch 2.1 there is no such entry.
  if (!byteOrder || new TextDecoder().decode(byteOrder) === 'little') return;
  throw unsupportedPth(source, 'its numbers are not little-endian');
}
