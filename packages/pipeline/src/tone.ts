import { expectOneOf, type NdArray } from '@refusion/core';
import { type Chroma, type Picture, stretch, toRgb, toUint8, toUint16 } from '@refusion/image-io';

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

/**
 * Applies a tone, and puts colour back.
 * @param raw `[H, W]`, finite numbers.
 * @param chroma the colour differences of a picture in 0..255, or `null` for gray.
 * @throws OptionError if there is no such tone.
 */
export function applyTone<T extends Tone>(
  raw: NdArray<Float32Array>,
  chroma: Chroma | null,
  tone: T,
): Toned<DataOf<T>> {
  expectOneOf('applyTone', 'tone', tone, TONES);
  const y = luminanceOf(raw, tone);
  const rounded = (tone === 'none' ? toUint16 : toUint8) as (x: NdArray<Float32Array>) => Picture<DataOf<T>>;
  return { gray: rounded(y), color: chroma && rounded(toRgb(y, chroma)) };
}

/** `[H, W]`, float32, in 0..255, not rounded. */
function luminanceOf(raw: NdArray<Float32Array>, tone: Tone): NdArray<Float32Array> {
  if (tone === 'stretch') return stretch(raw);
  return { data: raw.data.map((value) => 255 * value), shape: raw.shape };
}
