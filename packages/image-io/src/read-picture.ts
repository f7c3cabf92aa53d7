import { FileError } from '@refusion/core';
import { decodeSamples } from './decode-samples.js';
import { mapValues } from './map-values.js';
import { type Picture, picture } from './picture.js';
import { readBytes } from './read-bytes.js';

/**
 * Reads an image file: PNG, JPEG, WebP, TIFF (the first page) or uncompressed BMP, told by its content and not by its
 * name. The pixels are those of OpenCV's `imread`, so that results compare with the authors':
 * - gray files give one channel, all others three: palettes are expanded;
 * - an alpha channel is dropped: transparent pixels show the colour that is stored under them;
 * - the EXIF orientation is applied, colour profiles are not;
 * - of 16-bit values the higher 8 bits are kept (`readScaledPicture` keeps all).
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
  const samples = await decodeSamples(bytes, name);
  const { data, shape } = samples;
  if (data instanceof Float32Array) {
    throw new FileError(
      `"${name}" has samples of the type float, which are read only with a range of values to show (--range-a and --range-b of refusion-fuse); give one, or convert it to 8 or 16 bits`,
    );
  }
  if (data instanceof Uint8Array) return picture(data, shape);
  return picture(
    mapValues(samples, new Uint8Array(data.length), (value) => value >> 8),
    shape,
  );
}
