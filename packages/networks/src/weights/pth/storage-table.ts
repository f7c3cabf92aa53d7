import { quoted } from '../damaged.js';
import { NUMBER_FORMATS } from '../number-format.js';
import { isCount, isKind, type PickleStorage, type PickleValue } from './pickle-value.js';
import { damagedPth } from './pth-errors.js';

/** The storages of real numbers and the dtypes that safetensors calls by these names. */
const STORAGE_DTYPES: ReadonlyMap<string, string> = new Map([
  ['torch.DoubleStorage', 'F64'],
  ['torch.FloatStorage', 'F32'],
  ['torch.HalfStorage', 'F16'],
  ['torch.BFloat16Storage', 'BF16'],
]);

/** Whether a Python name is that of a storage of real numbers. */
export function isStorageType(name: string): boolean {
  return STORAGE_DTYPES.has(name);
}

/** The storages that a pickle refers to, one object for each key. */
export class StorageTable {
  private readonly byKey = new Map<string, PickleStorage>();

  /** @param source What messages call the file. */
  constructor(private readonly source: string) {}

  get(key: string): PickleStorage | undefined {
    return this.byKey.get(key);
  }

  /**
   * The storage that a persistent id means: the tuple `('storage', type, key, device, count)`. In the format before
   * PyTorch 1.6 a sixth item may make it a view of another storage, which no version since 0.4 writes.
   * @throws FileError for any other value, or if the key stands for another storage already.
   */
  refer(id: PickleValue): PickleStorage {
    const storage = asStorage(id);
    if (!storage) throw damagedPth(this.source, 'its pickle refers to something that is not a storage');
    const { key, format, count } = storage;
    const known = this.byKey.get(key);
    if (!known) {
      this.byKey.set(key, storage);
      return storage;
    }
    if (known.format !== format || known.count !== count) {
      throw damagedPth(this.source, `its pickle describes the storage ${quoted(key)} in two ways`);
    }
    return known;
  }
}

function asStorage(id: PickleValue): PickleStorage | undefined {
  if (!isKind(id, 'tuple')) return undefined;
  const [tag, type, key, , count, view = null] = id.items;
  const dtype = isKind(type, 'global') ? STORAGE_DTYPES.get(type.name) : undefined;
  const format = NUMBER_FORMATS.get(dtype ?? '');
  if (tag !== 'storage' || !format || typeof key !== 'string' || !isCount(count) || view !== null) {
    return undefined;
  }
  return { kind: 'storage', key, format, count };
}
