import { readFile, stat } from 'node:fs/promises';
import { FileError } from '@refusion/core';
import sharp from 'sharp';
import { decodeBmp } from './bmp.js';
import { fileError } from './file-error.js';
import { formatOf } from './format.js';
import { MAX_FILE_BYTES, MAX_PIXELS } from './limits.js';
import { type Picture, picture } from './picture.js';

/**
 * Reads an image file: PNG, JPEG, WebP, TIFF (the first page) or uncompressed BMP, told by its content and not by its
 * name. The pixels are those of OpenCV's `imread`, so that results compare with the authors':
 * - gray files give one channel, all others three: palettes are expanded;
 * - an alpha channel is dropped: transparent pixels show the colour that is stored under them;
 * - the EXIF orientation is applied, colour profiles are not;
 * - of 16-bit values the higher 8 bits are kept.
 * @returns `[H, W]` or `[H, W, 3]`.
 * @throws FileError if the file is missing, a folder, not such an image, damaged or cut short, or larger than
 * `MAX_FILE_BYTES` or `MAX_PIXELS`.
 */
export async function readPicture(path: string): Promise<Picture> {
  return decodePicture(await readBytes(path), path);
}

/**
 * Decodes the bytes of an image file as `readPicture` does.
 * @param name names the image in errors.
 * @throws FileError as `readPicture`.
 */
export async function decodePicture(bytes: Uint8Array, name: string): Promise<Picture> {
  const format = formatOf(bytes);
  switch (format) {
    case 'BMP':
      return decodeBmp(bytes, name);
    case 'PNG':
    case 'JPEG':
    case 'WebP':
    case 'TIFF':
      return decodeWithSharp(bytes, name);
    default:
      throw new FileError(
        `"${name}" is ${format === null ? 'not an image' : `a file of the format ${format}, which is not read`}; give a PNG, JPEG, WebP, TIFF or BMP file`,
      );
  }
}

async function readBytes(path: string): Promise<Uint8Array> {
  const info = await stat(path).catch((cause) => {
    throw fileError('read', path, cause);
  });
  // Reading a device or a pipe might never end.
  if (!info.isFile() && !info.isDirectory()) {
    throw new FileError(`"${path}" cannot be read: it is not a regular file; name an image file`);
  }
  if (info.size > MAX_FILE_BYTES) {
    throw new FileError(
      `"${path}" has ${info.size} bytes, more than the ${MAX_FILE_BYTES} that are read; make it smaller`,
    );
  }
  return readFile(path).catch((cause) => {
    throw fileError('read', path, cause);
  });
}

async function decodeWithSharp(bytes: Uint8Array, name: string): Promise<Picture> {
  try {
    const header = await sharp(bytes, { limitInputPixels: false }).metadata();
    if (header.width * header.height > MAX_PIXELS) {
      throw new FileError(
        `"${name}" has ${header.width}x${header.height} pixels, more than the ${MAX_PIXELS / 1e6} million that are read; make it smaller`,
      );
    }
    if (header.depth !== 'uchar' && header.depth !== 'ushort') {
      throw new FileError(
        `"${name}" has samples of the type ${header.depth}, which are not read; convert it to 8 or 16 bits`,
      );
    }
    const gray = header.space === 'b-w' || header.space === 'grey16';
    const wide = header.depth === 'ushort';
    const { data, info } = await sharp(bytes, {
      limitInputPixels: MAX_PIXELS,
      failOn: 'warning',
      ignoreIcc: true,
      autoOrient: true,
    })
      .removeAlpha()
      .toColourspace(gray ? (wide ? 'grey16' : 'b-w') : wide ? 'rgb16' : 'srgb')
      .raw({ depth: header.depth })
      .toBuffer({ resolveWithObject: true });
    return picture(
      wide ? higherBytes(data) : data,
      info.channels === 1 ? [info.height, info.width] : [info.height, info.width, 3],
    );
  } catch (error) {
    if (error instanceof FileError) throw error;
    throw new FileError(`"${name}" is damaged or cut short; export or download it again`, { cause: error });
  }
}

/** The higher bytes of 16-bit values. libvips would round gray values instead, and colour values not. */
function higherBytes(data: Buffer): Uint8Array {
  const values = new Uint16Array(data.buffer, data.byteOffset, data.length / 2);
  return Uint8Array.from(values, (value) => value >> 8);
}
