import { FileError } from '@refusion/core';
import { decodeSamples } from './decode-samples.js';
import type { Picture, PictureData } from './picture.js';
import { readBytes } from './read-bytes.js';
import { AUTO_RANGE, boundsOf, scaleValues, type ValueRange } from './value-range.js';

/**
 * Reads an image file as `readPicture` does, but keeps every bit: a range of its values is scaled to 0..255 and not
 * rounded (`scaleValues`). For cameras whose 16 bits, of which a scene takes a narrow part, would lose most of what they
 * show in 8. TIFF files of one float32 channel, such as temperatures, are read, too.
 * @param range in the file's own units: 0..255 at 8 bits, 0..65535 at 16.
 * @returns `[H, W]` or `[H, W, 3]`, float32, in 0..255.
 * @throws FileError as `readPicture`, or if no value of the file's type lies in the range; OptionError as `scaleValues`.
 */
export async function readScaledPicture(path: string, range: ValueRange): Promise<Picture<Float32Array>> {
  return decodeScaledPicture(await readBytes(path), path, range);
}

/**
 * Decodes the bytes of an image file as `readScaledPicture` does.
 * @param name names the image in errors.
 * @throws FileError, OptionError as `readScaledPicture`.
 */
export async function decodeScaledPicture(
  bytes: Uint8Array,
  name: string,
  range: ValueRange,
): Promise<Picture<Float32Array>> {
  const samples = await decodeSamples(bytes, name);
  expectWithin(samples, name, range);
  return scaleValues(samples, range);
}

/**
 * The smallest and the largest value of an image file, in the file's own units.
 * @throws FileError as `readPicture`.
 */
export async function readExtremes(path: string): Promise<{ low: number; high: number }> {
  const { data } = await decodeSamples(await readBytes(path), path);
  return boundsOf(data, AUTO_RANGE);
}

function expectWithin({ data }: Picture<PictureData>, name: string, range: ValueRange): void {
  if (data instanceof Float32Array) {
    if (data.every(Number.isFinite)) return;
    throw new FileError(`"${name}" has values that are not finite numbers; replace them`);
  }
  const bits = 8 * data.BYTES_PER_ELEMENT;
  const most = 2 ** bits - 1;
  if ('low' in range && (range.low >= most || range.high <= 0)) {
    throw new FileError(
      `"${name}" has ${bits} bits a sample, 0..${most}, which the range ${range.low}..${range.high} leaves out; name another range`,
    );
  }
}
