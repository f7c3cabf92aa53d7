/** Formats that are decoded. */
export type Format = 'PNG' | 'JPEG' | 'WebP' | 'TIFF' | 'BMP';

// Recognised, so that the error can name them, but not decoded.
type OtherFormat = 'BigTIFF' | 'GIF' | 'AVIF or HEIF' | 'JPEG 2000' | 'JPEG XL' | 'PDF' | 'SVG or XML';

const MAGIC: readonly (readonly [format: Format | OtherFormat, offset: number, text: string])[] = [
  ['PNG', 0, '\x89PNG\r\n\x1a\n'],
  ['JPEG', 0, '\xff\xd8\xff'],
  ['WebP', 8, 'WEBP'],
  ['TIFF', 0, 'II*\0'],
  ['TIFF', 0, 'MM\0*'],
  ['BigTIFF', 0, 'II+\0'],
  ['BigTIFF', 0, 'MM\0+'],
  ['BMP', 0, 'BM'],
  ['GIF', 0, 'GIF8'],
  ['AVIF or HEIF', 4, 'ftyp'],
  ['JPEG 2000', 4, 'jP  '],
  ['JPEG XL', 0, '\xff\x0a'],
  ['PDF', 0, '%PDF'],
  ['SVG or XML', 0, '<'],
];

/** The format that a file's first bytes tell, whatever its name says; `null` where they tell none. */
export function formatOf(bytes: Uint8Array): Format | OtherFormat | null {
  const start = String.fromCharCode(...bytes.subarray(0, 16));
  const found = MAGIC.find(([, offset, text]) => start.startsWith(text, offset));
  return found?.[0] ?? null;
}
