import { FileError, isRecord } from '@refusion/core';
import { damaged, quoted } from './damaged.js';
import { NUMBER_FORMATS, type NumberFormat } from './number-format.js';
import { expectUniqueKeys } from './unique-keys.js';

/** The bytes that hold the header's length. */
export const LENGTH_BYTES = 8;

/** The header's key that holds free text instead of a tensor. */
export const METADATA_KEY = '__metadata__';

/**
 * The largest header accepted, in bytes: room for some forty thousand tensors. The reference implementation allows
 * 100 MB, of which a hostile file could make gigabytes of parsed objects.
 */
export const MAX_HEADER_BYTES = 4_000_000;

/** Where one tensor lies: its bytes are [begin, end) of the data that follow the header. */
export interface TensorEntry {
  readonly name: string;
  readonly format: NumberFormat;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

/** What a file says about its tensors, checked. */
export interface Header {
  /** In the order of their bytes. */
  readonly entries: readonly TensorEntry[];
  readonly metadata: Record<string, string>;
  /** The index in the file of the first byte after the header. */
  readonly dataStart: number;
}

/**
 * Reads and checks the header of a safetensors file. Afterwards the tensors are known to fill the rest of the file
 * without holes or overlap.
 * @throws FileError for anything else.
 */
export function readHeader(bytes: Uint8Array, source: string): Header {
  const dataStart = LENGTH_BYTES + headerLength(bytes, source);
  const { [METADATA_KEY]: metadata, ...tensors } = parseHeader(
    bytes.subarray(LENGTH_BYTES, dataStart),
    source,
  );
  const entries = Object.entries(tensors).map(([name, value]) => readEntry(name, value, source));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  expectTiling(entries, bytes.length - dataStart, source);
  return { entries, metadata: readMetadata(metadata, source), dataStart };
}

function headerLength(bytes: Uint8Array, source: string): number {
  if (bytes.length < LENGTH_BYTES) throw damaged(source, `it has only ${bytes.length} bytes`);
  // A length beyond 2^53 loses digits here, but not its being too large.
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES) {
    throw damaged(
      source,
      `it is another kind of file, or its header is longer than the ${MAX_HEADER_BYTES} bytes that are accepted`,
    );
  }
  if (LENGTH_BYTES + length > bytes.length) {
    throw damaged(
      source,
      `it has ${bytes.length} bytes and its header alone would need ${LENGTH_BYTES + length}`,
    );
  }
  return length;
}

function parseHeader(bytes: Uint8Array, source: string): Record<string, unknown> {
  if (bytes[0] !== '{'.charCodeAt(0)) throw damaged(source, 'its header does not start with {');
  let json: string;
  let header: unknown;
  try {
    json = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    header = JSON.parse(json);
  } catch {
    throw damaged(source, 'its header is not JSON in UTF-8');
  }
  expectUniqueKeys(json, source);
  return header as Record<string, unknown>;
}

function readEntry(name: string, value: unknown, source: string): TensorEntry {
  if (!isRecord(value)) throw damaged(source, `its tensor ${quoted(name)} is not described by an object`);
  const { dtype, shape, data_offsets: offsets } = value;
  const format = numberFormat(name, dtype, source);
  if (!isCounts(shape)) {
    throw damaged(source, `the shape of its tensor ${quoted(name)} is not a list of whole numbers`);
  }
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw damaged(source, `the data_offsets of its tensor ${quoted(name)} are not two whole numbers`);
  }
  const [begin, end] = offsets as [number, number];
  if (byteLength(shape, format) !== end - begin) {
    throw damaged(
      source,
      `its tensor ${quoted(name)} has a shape and data_offsets that contradict each other`,
    );
  }
  return { name, format, shape, begin, end };
}

function numberFormat(name: string, dtype: unknown, source: string): NumberFormat {
  if (typeof dtype !== 'string') throw damaged(source, `its tensor ${quoted(name)} has no dtype`);
  const format = NUMBER_FORMATS.get(dtype);
  if (format) return format;
  const readable = [...NUMBER_FORMATS.keys()].join(', ');
  throw new FileError(
    `${source}: the tensor ${quoted(name)} has the dtype ${quoted(dtype)} and can be read only as one of ${readable}; convert it to one of them`,
  );
}

/** The bytes of a tensor, or NaN where the product leaves the whole numbers that a double holds exactly. */
function byteLength(shape: readonly number[], format: NumberFormat): number {
  return shape.reduce((size, length) => {
    const product = size * length;
    return Number.isSafeInteger(product) ? product : Number.NaN;
  }, format.bytes);
}

function expectTiling(entries: readonly TensorEntry[], dataLength: number, source: string): void {
  let at = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== at) {
      const fault = begin > at ? 'leaves a hole before' : 'overlaps the bytes before';
      throw damaged(source, `its tensor ${quoted(name)} ${fault} its own`);
    }
    at = end;
  }
  if (at !== dataLength) {
    throw damaged(source, `its tensors need ${at} bytes and ${dataLength} follow the header`);
  }
}

function readMetadata(value: unknown, source: string): Record<string, string> {
  const metadata: Record<string, string> = Object.create(null);
  if (value === undefined) return metadata;
  if (!isRecord(value)) throw damaged(source, `its ${METADATA_KEY} is not an object`);
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string') throw damaged(source, `its ${METADATA_KEY} ${quoted(key)} is not text`);
    metadata[key] = text;
  }
  return metadata;
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0);
}
