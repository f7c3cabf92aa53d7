import { quoted } from '../damaged.js';
import { ByteCursor } from './byte-cursor.js';
import type { Container } from './container.js';
import { isKind, type PickleValue } from './pickle-value.js';
import { damagedPth } from './pth-errors.js';
import { readPickle } from './read-pickle.js';
import { StorageTable } from './storage-table.js';

/** The pickle of the number 0x1950a86a20f9469cfc6c, with which the format starts. */
const MAGIC = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];

const PROTOCOL_VERSION = 1001;

export function isLegacy(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

/**
 * Takes apart the format before PyTorch 1.6: five pickles (a magic number, the format's version, the writing
 * machine's integers, the state dict, the keys of the storages), then for each key the count of its numbers and the
 * numbers, little-endian on every machine.
 * @throws FileError if anything of that is damaged.
 */
export function readLegacyContainer(bytes: Uint8Array, source: string): Container {
  const cursor = new ByteCursor(bytes, source, MAGIC.length);
  const storages = new StorageTable(source);
  const version = readPickle(cursor, storages);
  if (version !== PROTOCOL_VERSION) {
    throw damagedPth(source, `its format has another version than ${PROTOCOL_VERSION}`);
  }
  readPickle(cursor, storages);
  const root = readPickle(cursor, storages);
  const data = readStorages(cursor, readPickle(cursor, storages), storages);
  return {
    root,
    bytesOf: ({ key }) => {
      const found = data.get(key);
      if (!found) throw damagedPth(source, `its storage ${quoted(key)} is missing`);
      return found;
    },
  };
}

function readStorages(
  cursor: ByteCursor,
  keys: PickleValue,
  storages: StorageTable,
): ReadonlyMap<string, Uint8Array> {
  const { source } = cursor;
  if (!isKind(keys, 'list')) throw damagedPth(source, 'its storages are not in a list');
  const data = new Map<string, Uint8Array>();
  for (const key of keys.items) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (!storage) throw damagedPth(source, 'it lists a storage that its state dict does not use');
    const count = cursor.uint64();
    if (count !== storage.count) {
      throw damagedPth(
        source,
        `its storage ${quoted(storage.key)} has ${count} numbers and should have ${storage.count}`,
      );
    }
    data.set(storage.key, cursor.bytes(count * storage.format.bytes));
  }
  return data;
}
