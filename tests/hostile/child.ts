// Run by hostile.test.ts in a process of its own, whose memory is measured: child.ts pictures|weights|largest.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';
import { FileError, rng, sizeOf } from '@refusion/core';
import { AUTO_RANGE } from '@refusion/image-io';
import { decodePicture, decodeScaledPicture } from '@refusion/image-io/node';
import { decodeWeights } from '@refusion/networks';
import { damaged } from './damage.js';

export interface Report {
  readonly read: number;
  readonly refused: number;
  /** Errors that are not a `FileError` of one sentence about the file. */
  readonly unclean: readonly string[];
  /** The most memory that the process ever had, in bytes. */
  readonly peak: number;
}

function filesOf(folder: string, names: RegExp): Uint8Array[] {
  const path = fileURLToPath(new URL(`../../fixtures/${folder}/`, import.meta.url));
  return readdirSync(path)
    .filter((name) => names.test(name))
    .map((name) => new Uint8Array(readFileSync(path + name)));
}

const PICTURES = (): Uint8Array[] => filesOf('pictures', /\.(png|jpg|webp|tif|bmp)$/);
const WEIGHTS = (): Uint8Array[] =>
  ['pth', 'pth/more', 'fusion-tiny'].flatMap((folder) => filesOf(folder, /\.(pth|safetensors)$/));

async function decodeImage(bytes: Uint8Array, i: number): Promise<void> {
  const decoding =
    i % 2 === 0 ? decodePicture(bytes, 'hostile') : decodeScaledPicture(bytes, 'hostile', AUTO_RANGE);
  const { data, shape } = await decoding;
  if (data.length !== sizeOf(shape)) throw new Error(`${data.length} values for the shape [${shape}]`);
}

async function decodeWeightFile(bytes: Uint8Array): Promise<void> {
  for (const { data, shape } of Object.values(decodeWeights(bytes, 'hostile').tensors)) {
    if (data.length !== sizeOf(shape)) throw new Error(`${data.length} values for the shape [${shape}]`);
  }
}

/** A 16-bit gray PNG of the most pixels that are read, in 200 kB. */
function largestPicture(): Uint8Array {
  const chunk = (type: string, content: Uint8Array): Buffer => {
    const body = Buffer.concat([Buffer.from(type), content]);
    const ends = Buffer.alloc(8);
    ends.writeUInt32BE(content.length, 0);
    ends.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
  };
  const [width, height] = [10_000, 10_000];
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 16;
  const pixels = deflateSync(Buffer.alloc(height * (1 + 2 * width)));
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

async function decodeDamaged(
  files: readonly Uint8Array[],
  count: number,
  decode: (bytes: Uint8Array, i: number) => Promise<void>,
): Promise<Omit<Report, 'peak'>> {
  const random = rng(20261124);
  let read = 0;
  const unclean: string[] = [];
  let refused = 0;
  for (let i = 0; i < count; i++) {
    try {
      await decode(damaged(files[random.integer(files.length)] as Uint8Array, random), i);
      read++;
    } catch (error) {
      refused++;
      if (!(error instanceof FileError && /^"?hostile[^\n]*$/.test(error.message)))
        unclean.push(String(error));
    }
  }
  return { read, refused, unclean };
}

const [, , what] = process.argv;
const counts =
  what === 'pictures'
    ? await decodeDamaged(PICTURES(), 4000, decodeImage)
    : what === 'weights'
      ? await decodeDamaged(WEIGHTS(), 4000, decodeWeightFile)
      : await decodeImage(largestPicture(), 1).then(() => ({ read: 1, refused: 0, unclean: [] }));
const report: Report = { ...counts, peak: process.resourceUsage().maxRSS * 1024 };
process.stdout.write(JSON.stringify(report));
