import { FileError } from '@refusion/core';

/** What ffprobe says of the colours of a stream; what it does not know is not there, or `unknown`. */
export interface ColourTags {
  readonly color_space?: string;
  readonly color_transfer?: string;
  readonly color_primaries?: string;
  readonly height?: number;
}

/** The matrices that ffmpeg's `scale` filter knows, by the names that ffprobe has for them. */
const MATRICES: Readonly<Record<string, string>> = {
  bt709: 'bt709',
  fcc: 'fcc',
  bt470bg: 'bt601',
  smpte170m: 'bt601',
  smpte240m: 'smpte240m',
  bt2020nc: 'bt2020',
  // RGB has none.
  gbr: 'bt709',
};

/** What a display makes of the values of HDR videos has little to do with those of others. */
const HDR: Readonly<Record<string, string>> = { smpte2084: 'PQ', 'arib-std-b67': 'HLG' };

const PRIMARIES = ['bt470m', 'bt470bg', 'smpte170m', 'smpte240m', 'film', 'bt2020', 'smpte431', 'smpte432'];

/**
 * The matrix between RGB and a stream's colours, as `scale` names it: what the file says; else what players assume, that
 * of television, by the height.
 * @throws FileError if it is another, or the video is HDR
 */
export function matrixOf(
  { color_space: space, color_transfer: transfer, height = 0 }: ColourTags,
  path: string,
): string {
  const hdr = HDR[transfer ?? ''];
  if (hdr) {
    throw new FileError(
      `"${path}" is an HDR video (${hdr}), which fusing would show wrongly; convert it to BT.709`,
    );
  }
  if (space === undefined || space === 'unknown' || space === 'reserved')
    return height >= 720 ? 'bt709' : 'bt601';
  const matrix = MATRICES[space];
  if (matrix) return matrix;
  throw new FileError(`"${path}" has its colours as ${space}, which is not read; convert it to BT.709`);
}

/** The primaries that a file states, where they are others than BT.709's; else `null`. */
export function primariesOf({ color_primaries: primaries = '' }: ColourTags): string | null {
  return PRIMARIES.includes(primaries) ? primaries : null;
}
