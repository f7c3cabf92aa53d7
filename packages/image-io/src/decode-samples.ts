import { FileError } from '@refusion/core';
import { decodeBmp } from './bmp.js';
import { decodeTiff, decodeWithSharp } from './decode-with-sharp.js';
import { formatOf } from './format.js';
import type { Picture, PictureData } from './picture.js';

/**
 * Decodes an image file to the values that it stores: 8-bit, 16-bit, or float32 of whatever range. Otherwise as
 * `readPicture` says.
 * @param name names the image in errors.
 * @throws FileError as `readPicture`.
 */
export async function decodeSamples(bytes: Uint8Array, name: string): Promise<Picture<PictureData>> {
  const format = formatOf(bytes);
  switch (format) {
    case 'BMP':
      return decodeBmp(bytes, name);
    case 'PNG':
    case 'JPEG':
    case 'WebP':
      return decodeWithSharp(bytes, name);
    case 'TIFF':
      return decodeTiff(bytes, name);
    default:
      throw new FileError(
        `"${name}" is ${format === null ? 'not an image' : `a file of the format ${format}, which is not read`}; give a PNG, JPEG, WebP, TIFF or BMP file`,
      );
  }
}
