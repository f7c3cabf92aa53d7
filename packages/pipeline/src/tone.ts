import { expectOneOf, type NdArray } from '@refusion/core';
import { stretch } from '@refusion/image-io';

/**
 * How the network's output in (0, 1) becomes the luminance of a picture in 0..255:
 * - `stretch`: by its own smallest and largest value, `(raw - min) / (max - min) * 255`, as the authors do;
 * - `clip`: as it is, `raw * 255`, so that the brightness of two pictures compares.
 */
export type Tone = 'stretch' | 'clip';

/** Every tone; the first is the default. */
export const TONES: readonly [Tone, ...Tone[]] = ['stretch', 'clip'];

/**
 * Applies a tone.
 * @param raw `[H, W]`, finite numbers.
 * @returns `[H, W]`, float32, not rounded (`toUint8` rounds and clips).
 * @throws OptionError if there is no such tone.
 */
export function applyTone(raw: NdArray<Float32Array>, tone: Tone): NdArray<Float32Array> {
  expectOneOf('applyTone', 'tone', tone, TONES);
  if (tone === 'stretch') return stretch(raw);
  return { data: raw.data.map((value) => 255 * value), shape: raw.shape };
}
