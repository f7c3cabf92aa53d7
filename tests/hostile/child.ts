// Run by hostile.test.ts in a process of its own, whose memory is measured: child.ts pictures|weights|models|largest|nodes|integers.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';
import { FileError, rng, sizeOf } from '@refusion/core';
import { AUTO_RANGE } from '@refusion/image-io';
import { decodePicture, decodeScaledPicture } from '@refusion/image-io/node';
import { decodeWeights, fusionNetwork } from '@refusion/networks';
import { describeModel } from '@refusion/onnx';
import { fusionModel } from '@refusion/pipeline';
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

const MODELS = (): Uint8Array[] => [
  fusionModel(fusionNetwork({ dim: 4, blocks: 1, heads: 2, ffn: 1 }).init(rng(1))),
];

async function readModel(bytes: Uint8Array): Promise<void> {
  describeModel(bytes, 'hostile');
}

/** A length in protobuf's own way: seven bits in each byte, the last ones first. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(Math.floor(value / 128))];
}

/** A model whose graph is filled with so many bytes of a field. */
function modelOf(pattern: readonly number[], bytes: number, head: readonly number[] = []): Uint8Array {
  const length = head.length + bytes;
  const start = [0x3a, ...varint(length), ...head];
  const model = new Uint8Array(start.length + bytes);
  model.set(start);
  for (let i = start.length; i < model.length; i++) model[i] = pattern[i % pattern.length] as number;
  return model;
}

const FILL = 80e6;
/** Nodes of two bytes: the field's tag and a length of 0. */
const emptyNodes = (): Uint8Array => modelOf([0x0a, 0], FILL, [0x0a, 0]);
/** One initializer whose dims are a list of zeros. */
const zeroDims = (): Uint8Array => {
  const list = [0x0a, ...varint(FILL)];
  return modelOf([0], FILL, [0x2a, ...varint(list.length + FILL), ...list]);
};

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

type Counts = Omit<Report, 'peak'>;

async function decodeDamaged(
  files: readonly Uint8Array[],
  count: number,
  decode: (bytes: Uint8Array, i: number) => Promise<void>,
): Promise<Counts> {
  const random = rng(20261124);
  const damages = function* (): Iterable<Uint8Array> {
    for (let i = 0; i < count; i++) yield damaged(files[random.integer(files.length)] as Uint8Array, random);
  };
  return decodeAll(damages(), decode);
}

async function decodeAll(
  files: Iterable<Uint8Array>,
  decode: (bytes: Uint8Array, i: number) => Promise<void>,
): Promise<Counts> {
  let [read, refused] = [0, 0];
  const unclean: string[] = [];
  for (const bytes of files) {
    try {
      await decode(bytes, read + refused);
      read++;
    } catch (error) {
      refused++;
      if (!(error instanceof FileError && /^"?hostile[^\n]*$/.test(error.message)))
        unclean.push(String(error));
    }
  }
  return { read, refused, unclean };
}

const RUNS: Readonly<Record<string, () => Promise<Counts>>> = {
  pictures: () => decodeDamaged(PICTURES(), 4000, decodeImage),
  weights: () => decodeDamaged(WEIGHTS(), 4000, decodeWeightFile),
  models: () => decodeDamaged(MODELS(), 400, readModel),
  largest: () => decodeAll([largestPicture()], (bytes) => decodeImage(bytes, 1)),
  nodes: () => decodeAll([emptyNodes()], readModel),
  integers: () => decodeAll([zeroDims()], readModel),
};

const [, , what = ''] = process.argv;
const counts = await (RUNS[what] as (typeof RUNS)[string])();
const report: Report = { ...counts, peak: process.resourceUsage().maxRSS * 1024 };
process.stdout.write(JSON.stringify(report));
