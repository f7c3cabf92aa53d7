import { FileError } from '@refusion/core';
import { type Picture, picture } from '@refusion/image-io';
import { MAX_PIXELS } from '@refusion/image-io/node';
import { type ByteReader, byteReader } from './byte-reader.js';

const HEADER = /^P6\s(\d+)\s(\d+)\s255\s$/;
/** Longer than any header of ours. */
const MOST_HEADER = 64;

/**
 * Cuts a stream of binary PPM pictures, one after another without gaps, into pictures `[H, W, 3]`.
 * @param name names the stream in errors
 * @throws FileError if it is something else, or ends within a picture
 */
export async function* readPpm(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Picture, void, undefined> {
  const reader = byteReader(chunks);
  for (;;) {
    const header = await readHeader(reader);
    if (header === '') return;
    const [, width = 0, height = 0] = (HEADER.exec(header) ?? []).map(Number);
    if (width * height === 0) throw notPpm(name);
    if (width * height > MAX_PIXELS) throw tooLarge(name, width, height);
    const data = await reader.take(width * height * 3);
    if (data.length < width * height * 3) throw notPpm(name);
    yield picture(data, [height, width, 3]);
  }
}

/** Up to the white space after the fourth word; empty at the end of the stream. */
async function readHeader(reader: ByteReader): Promise<string> {
  let header = '';
  for (let words = 0; words < 4 && header.length < MOST_HEADER; ) {
    const [byte] = await reader.take(1);
    if (byte === undefined) break;
    header += String.fromCharCode(byte);
    if (/\s$/.test(header)) words++;
  }
  return header;
}

/** A picture as the bytes of a binary PPM, gray as three equal channels. */
export function encodePpm({ data, shape }: Picture): Uint8Array {
  const [height, width] = shape;
  const header = Buffer.from(`P6\n${width} ${height}\n255\n`, 'latin1');
  const bytes = new Uint8Array(header.length + height * width * 3);
  bytes.set(header);
  if (shape.length === 3) bytes.set(data, header.length);
  else {
    for (const [i, value] of data.entries()) {
      bytes.fill(value, header.length + 3 * i, header.length + 3 * i + 3);
    }
  }
  return bytes;
}

function notPpm(name: string): FileError {
  return new FileError(`"${name}" could not be decoded to its end; export it again`);
}

function tooLarge(name: string, width: number, height: number): FileError {
  return new FileError(
    `"${name}" has frames of ${width}x${height} pixels, more than the ${MAX_PIXELS / 1e6} million that are read; make it smaller`,
  );
}
