import { damagedPth } from './pth-errors.js';

/** The longest text read, in bytes: far more than a name or a note needs, far less than a string may have. */
const MAX_TEXT_BYTES = 1_000_000;

const NEWLINE = 0x0a;

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads little-endian numbers and text one after the other, never beyond the last byte. */
export class ByteCursor {
  private readonly view: DataView;

  /** @param source What messages call the file. */
  constructor(
    private readonly data: Uint8Array,
    readonly source: string,
    private at = 0,
  ) {
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  uint8(): number {
    return this.view.getUint8(this.skip(1));
  }

  uint16(): number {
    return this.view.getUint16(this.skip(2), true);
  }

  int32(): number {
    return this.view.getInt32(this.skip(4), true);
  }

  uint32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  /** Beyond 2^53 the last digits are lost, but not that the number is too large. */
  uint64(): number {
    return Number(this.view.getBigUint64(this.skip(8), true));
  }

  /** Big-endian, the one exception: pickles keep floats that way. */
  float64BigEndian(): number {
    return this.view.getFloat64(this.skip(8), false);
  }

  /** A view of the next bytes, not a copy. */
  bytes(length: number): Uint8Array {
    const begin = this.skip(length);
    return this.data.subarray(begin, begin + length);
  }

  /** UTF-8 text of a length in bytes. */
  text(length: number): string {
    if (length > MAX_TEXT_BYTES) {
      throw damagedPth(
        this.source,
        `it has a text of ${length} bytes and at most ${MAX_TEXT_BYTES} are accepted`,
      );
    }
    const bytes = this.bytes(length);
    try {
      return UTF8.decode(bytes);
    } catch (error) {
      throw damagedPth(this.source, 'it has a text that is not UTF-8', error);
    }
  }

  /** The text up to the end of the line, which is left out. */
  line(): string {
    const end = this.data.indexOf(NEWLINE, this.at);
    if (end < 0) throw damagedPth(this.source, 'it ends within a line');
    const line = this.text(end - this.at);
    this.skip(1);
    return line;
  }

  private skip(length: number): number {
    const begin = this.at;
    if (length > this.data.length - begin) {
      throw damagedPth(
        this.source,
        `it ends where ${length} more bytes should follow, after byte ${this.data.length}`,
      );
    }
    this.at += length;
    return begin;
  }
}
