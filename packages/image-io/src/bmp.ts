import { FileError } from '@refusion/core';
import { MAX_PIXELS } from './limits.js';
import { type Picture, picture } from './picture.js';

const FILE_HEADER = 14;
const INFO_HEADER = 40;

/**
 * Decodes an uncompressed Windows bitmap of 8 (palette), 24 or 32 bits a pixel, which sharp does not.
 * @param name names the file in errors.
 * @returns `[H, W, 3]`.
 * @throws FileError if the file is of another kind, too large, or cut short.
 */
export function decodeBmp(bytes: Uint8Array, name: string): Picture {
  const { view, width, rows, bits, pixels } = headerOf(bytes, name);
  const height = Math.abs(rows);
  const palette = FILE_HEADER + view.getUint32(FILE_HEADER, true);
  const rowBytes = Math.ceil((width * bits) / 32) * 4;
  if (pixels + rowBytes * height > bytes.length || (bits === 8 && palette + 4 * 256 > pixels)) {
    throw new FileError(`"${name}" is damaged or cut short; export or download it again`);
  }
  const rgb = new Uint8Array(height * width * 3);
  for (let y = 0; y < height; y++) {
    // A positive height means that the lowest row comes first.
    const row = pixels + rowBytes * (rows > 0 ? height - 1 - y : y);
    for (let x = 0; x < width; x++) {
      const at = bits === 8 ? palette + 4 * (bytes[row + x] as number) : row + (x * bits) / 8;
      const to = 3 * (y * width + x);
      rgb[to] = bytes[at + 2] as number; // stored as B, G, R
      rgb[to + 1] = bytes[at + 1] as number;
      rgb[to + 2] = bytes[at] as number;
    }
  }
  return picture(rgb, [height, width, 3]);
}

interface BmpHeader {
  readonly view: DataView;
  readonly width: number;
  /** The height; negative where the top row comes first. */
  readonly rows: number;
  readonly bits: number;
  /** Where the pixels start in the file. */
  readonly pixels: number;
}

function headerOf(bytes: Uint8Array, name: string): BmpHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < FILE_HEADER + INFO_HEADER) {
    throw new FileError(`"${name}" is damaged or cut short; export or download it again`);
  }
  const width = view.getInt32(18, true);
  const rows = view.getInt32(22, true);
  const bits = view.getUint16(28, true);
  const compression = view.getUint32(30, true);
  const supported = view.getUint32(FILE_HEADER, true) >= INFO_HEADER && [8, 24, 32].includes(bits);
  if (!supported || compression !== 0 || width < 1 || rows === 0) {
    throw new FileError(
      `"${name}" is a BMP of a kind that is not read (only uncompressed ones of 8, 24 or 32 bits are); convert it to PNG`,
    );
  }
  if (width * Math.abs(rows) > MAX_PIXELS) {
    throw new FileError(
      `"${name}" has ${width}x${Math.abs(rows)} pixels, more than the ${MAX_PIXELS / 1e6} million that are read; make it smaller`,
    );
  }
  return { view, width, rows, bits, pixels: view.getUint32(10, true) };
}
