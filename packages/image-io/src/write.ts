import type { NdArray } from '@refusion/core';
import { replaceFile } from '@refusion/core/node';
import sharp from 'sharp';
import { fileError } from './file-error.js';
import { encodeNpy } from './npy.js';
import type { Picture } from './picture.js';

/**
 * Writes a file so that its name never stands for half of it: into a temporary file of the same folder, flushed to
 * the disk, then renamed over the old file, if any. The folder must exist.
 * @throws FileError if the file cannot be written; the temporary file is then removed and an old file is unchanged.
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array | string): Promise<void> {
  try {
    replaceFile(path, bytes);
  } catch (error) {
    throw fileError('written', path, error);
  }
}

/** A picture as the bytes of a PNG file of its 8 or 16 bits: gray for `[H, W]`, RGB for `[H, W, 3]`. */
export async function encodePng({ data, shape }: Picture<Uint8Array | Uint16Array>): Promise<Buffer> {
  const [height, width] = shape;
  const channels = shape.length === 3 ? 3 : 1;
  const [gray, colour] = data instanceof Uint16Array ? ['grey16', 'rgb16'] : ['b-w', 'srgb'];
  return sharp(data, { raw: { height, width, channels } })
    .toColourspace(channels === 3 ? colour : gray)
    .png()
    .toBuffer();
}

/**
 * Writes a picture as a PNG file of its 8 or 16 bits, in one piece (`writeFileAtomic`).
 * @throws FileError if the file cannot be written.
 */
export async function writePng(path: string, picture: Picture<Uint8Array | Uint16Array>): Promise<void> {
  await writeFileAtomic(path, await encodePng(picture));
}

/**
 * Writes an array as a NumPy `.npy` file, in one piece (`writeFileAtomic`).
 * @throws FileError if the file cannot be written.
 */
export async function writeNpy(path: string, array: NdArray<Float32Array | Float64Array>): Promise<void> {
  await writeFileAtomic(path, encodeNpy(array));
}
