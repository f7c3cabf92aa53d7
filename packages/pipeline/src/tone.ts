import { expectOneOf, type NdArray } from '@refusion/core';
import {
  type Extremes,
  extremes,
  isGray,
  mergeChroma,
  type Picture,
  picture,
  rowsOf,
  type SourcePicture,
  stretch,
  toRgb,
  toUint8,
  toUint16,
} from '@refusion/image-io';

/**
 * How the network's output in (0, 1) becomes a picture:
 * - `stretch`: by its own smallest and largest value, `(raw - min) / (max - min) * 255`, 8-bit, as the authors do;
 * - `clip`: as it is, `raw * 255`, 8-bit, so that the brightness of two pictures compares;
 * - `none`: as it is, and not rounded to 8 bits: `raw * 65535`, 16-bit.
 */
export type Tone = 'stretch' | 'clip' | 'none';

/** Every tone; the first is the default. */
export const TONES: readonly ['stretch', 'clip', 'none'] = ['stretch', 'clip', 'none'];

/** What a tone stores its pictures in. */
export type DataOf<T extends Tone> = T extends 'none' ? Uint16Array : Uint8Array;

/** A tone's pictures of one output. */
export interface Toned<D extends Uint8Array | Uint16Array> {
  readonly gray: Picture<D>;
  readonly color: Picture<D> | null;
}

/** The values that are worked on at a time: what is in float32 and float64 on the way must stay small. */
const VALUES_AT_A_TIME = 1 << 18;

/**
 * Applies a tone, and puts colour back.
 * @param raw `[H, W]`, finite numbers.
 * @param sources whose colour the picture gets, of the same height and width.
 * @param range of the tone `stretch`: what becomes black and white, from the output's own extremes. Default: these.
 * @throws OptionError if there is no such tone.
 */
export function applyTone<T extends Tone>(
  raw: NdArray<Float32Array>,
  sources: readonly [a: SourcePicture, b: SourcePicture],
  tone: T,
  range: (own: Extremes) => Extremes = (own) => own,
): Toned<DataOf<T>> {
  expectOneOf('applyTone', 'tone', tone, TONES);
  const [height, width] = raw.shape as [number, number];
  const levels = tone === 'stretch' ? range(extremes(raw)) : null;
  const areGray = [isGray(sources[0]), isGray(sources[1])] as const;
  const rounded = (tone === 'none' ? toUint16 : toUint8) as (x: NdArray<Float32Array>) => Picture<DataOf<T>>;
  const values = (count: number): DataOf<T> =>
    (tone === 'none' ? new Uint16Array(count) : new Uint8Array(count)) as DataOf<T>;
  const gray = picture(values(height * width), [height, width]);
  const color = areGray[0] && areGray[1] ? null : picture(values(height * width * 3), [height, width, 3]);
  const step = Math.max(1, Math.floor(VALUES_AT_A_TIME / width));
  for (let start = 0; start < height; start += step) {
    const end = Math.min(height, start + step);
    const part = { data: raw.data.subarray(start * width, end * width), shape: [end - start, width] };
    const y = levels ? stretch(part, levels) : { ...part, data: part.data.map((value) => 255 * value) };
    gray.data.set(rounded(y).data, start * width);
    const [a, b] = sources.map((source) => rowsOf(source as Picture, start, end)) as [Picture, Picture];
    const chroma = color && mergeChroma(a, b, areGray);
    if (chroma) color.data.set(rounded(toRgb(y, chroma)).data, start * width * 3);
  }
  return { gray, color };
}
