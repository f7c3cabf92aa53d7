/** How a TIFF file stores its samples. */
export interface TiffSamples {
  readonly bits: number;
  readonly float: boolean;
}

const BITS_PER_SAMPLE = 258;
const SAMPLE_FORMAT = 339;
const IEEE_FLOAT = 3;

/**
 * The bits and the kind of the samples of a TIFF file's first page. Looked up here because libvips takes float16 for
 * float32, and reports float64 as damage.
 * @returns `null` where the directory is cut short.
 * @see TIFF 6.0, sections 2 and 19.
 */
export function tiffSamples(bytes: Uint8Array): TiffSamples | null {
  try {
    const fields = firstDirectory(bytes);
    return { bits: fields.get(BITS_PER_SAMPLE) ?? 1, float: fields.get(SAMPLE_FORMAT) === IEEE_FLOAT };
  } catch (error) {
    if (error instanceof RangeError) return null; // beyond the end of the file
    throw error;
  }
}

/** The fields of 16-bit numbers by their tags: of several numbers, one a channel, the first. */
function firstDirectory(bytes: Uint8Array): Map<number, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = view.getUint8(0) === 0x49; // the I of II
  const short = (at: number): number => view.getUint16(at, little);
  const directory = view.getUint32(4, little);
  const fields = new Map<number, number>();
  for (let i = 0; i < short(directory); i++) {
    const entry = directory + 2 + 12 * i;
    if (short(entry + 2) !== 3) continue;
    // Up to two numbers stand in the entry itself, more where it points.
    const inside = view.getUint32(entry + 4, little) <= 2;
    if (![BITS_PER_SAMPLE, SAMPLE_FORMAT].includes(short(entry))) continue;
    fields.set(short(entry), short(inside ? entry + 8 : view.getUint32(entry + 8, little)));
  }
  return fields;
}
