import type { PickleStorage, PickleValue } from './pickle-value.js';

/** A file taken apart: what its pickle holds, and where the numbers lie. */
export interface Container {
  readonly root: PickleValue;
  /**
   * The bytes of a storage, exactly those of its numbers, little-endian.
   * @throws FileError if the file does not have them.
   */
  readonly bytesOf: (storage: PickleStorage) => Uint8Array;
}
