import { FileError } from '@refusion/core';
import sharp, { type Metadata, type Sharp } from 'sharp';
import { MAX_PIXELS } from './limits.js';
import { mapValues } from './map-values.js';
import { type Picture, type PictureData, picture } from './picture.js';
import { tiffSamples } from './tiff-samples.js';

// Of another space, such as CIELab, libvips makes other pixels than OpenCV, or never comes to an end.
const SPACES: readonly string[] = ['b-w', 'grey16', 'srgb', 'rgb', 'rgb16', 'cmyk'];

/**
 * Decodes a TIFF file, as `decodeWithSharp`.
 * @throws FileError as `decodeWithSharp`, or if its samples are of a kind that is not read.
 */
export async function decodeTiff(bytes: Uint8Array, name: string): Promise<Picture<PictureData>> {
  const { bits, float } = tiffSamples(bytes) ?? { bits: 8, float: false };
  if (bits > 32 || (float && bits !== 32)) {
    throw new FileError(
      `"${name}" has samples of ${bits}-bit ${float ? 'float' : 'integer'}, which are not read; convert it to 8 bits, 16 bits or float32`,
    );
  }
  return decodeWithSharp(bytes, name);
}

/**
 * Decodes a PNG, JPEG, WebP or TIFF file.
 * @param name names the image in errors.
 * @throws FileError if it is too large, of a kind that is not read, damaged or cut short.
 */
export async function decodeWithSharp(bytes: Uint8Array, name: string): Promise<Picture<PictureData>> {
  try {
    const header = await sharp(bytes, { limitInputPixels: false }).metadata();
    expectReadable(header, name);
    const image = sharp(bytes, {
      limitInputPixels: MAX_PIXELS,
      failOn: 'warning',
      ignoreIcc: true,
      autoOrient: true,
    });
    if (header.space === 'cmyk') return await decodeInks(image);
    if (header.depth === 'float') return await decodeFloat(image);
    return await decodeWhole(image, header);
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw new FileError(`"${name}" is damaged or cut short; export or download it again`, { cause: error });
  }
}

function expectReadable({ width, height, depth, channels, space }: Metadata, name: string): void {
  if (width * height > MAX_PIXELS) {
    throw new FileError(
      `"${name}" has ${width}x${height} pixels, more than the ${MAX_PIXELS / 1e6} million that are read; make it smaller`,
    );
  }
  const grayFloat = depth === 'float' && channels === 1;
  if (depth !== 'uchar' && !grayFloat && (depth !== 'ushort' || space === 'cmyk')) {
    const kind = space === 'cmyk' ? `${depth} in CMYK` : depth;
    throw new FileError(
      `"${name}" has ${channels} channels of the type ${kind}, which are not read; convert it to 8 or 16 bits, gray or RGB`,
    );
  }
  if (!SPACES.includes(space)) {
    throw new FileError(`"${name}" has the colour space ${space}, which is not read; convert it to RGB`);
  }
}

/** 8 or 16 bits, gray or RGB. */
async function decodeWhole(image: Sharp, { space, depth }: Metadata): Promise<Picture<PictureData>> {
  const gray = space === 'b-w' || space === 'grey16';
  const wide = depth === 'ushort';
  const { data, info } = await image
    .removeAlpha()
    .toColourspace(gray ? (wide ? 'grey16' : 'b-w') : wide ? 'rgb16' : 'srgb')
    .raw({ depth: wide ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const values = wide ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
  return picture(values, info.channels === 1 ? [info.height, info.width] : [info.height, info.width, 3]);
}

/** One channel of float32; libvips gives it thrice. */
async function decodeFloat(image: Sharp): Promise<Picture<Float32Array>> {
  const { data, info } = await image.raw({ depth: 'float' }).toBuffer({ resolveWithObject: true });
  const values = new Float32Array(data.buffer, data.byteOffset, data.length / 4);
  const size = info.height * info.width;
  const step = values.length / size;
  const first = { data: values, shape: [size], stride: [step] };
  return picture(
    mapValues(first, new Float32Array(size), (value) => value),
    [info.height, info.width],
  );
}

/** Cyan, magenta, yellow and black as light, in OpenCV's whole numbers: K - ((ink * K) >> 8). */
async function decodeInks(image: Sharp): Promise<Picture> {
  const { data, info } = await image
    .pipelineColourspace('cmyk')
    .toColourspace('cmyk')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const rgb = new Uint8Array(info.height * info.width * 3);
  for (let i = 0; i < rgb.length; i++) {
    const pixel = Math.floor(i / 3) * info.channels;
    const light = 255 - (data[pixel + 3] as number);
    rgb[i] = light - (((data[pixel + (i % 3)] as number) * light) >> 8);
  }
  return picture(rgb, [info.height, info.width, 3]);
}
