import type { Engine, Tensor } from '@refusion/autodiff';
import { type NdArray, type Params, ShapeError } from '@refusion/core';
import { mergeChroma, type Picture, toRgb, toUint8 } from '@refusion/image-io';
import { type EvaluationOptions, networkOutput } from './network-output.js';
import { applyTone, TONES, type Tone } from './tone.js';

export interface FuseOptions extends EvaluationOptions {
  /** How the network's output becomes brightness. Default `stretch`, the authors' choice. */
  readonly tone?: Tone;
}

/** What two pictures become. The picture to save is `color ?? gray`. */
export interface Fused {
  /** The network's output before any tone: `[H, W]`, float32, in (0, 1). */
  readonly raw: NdArray<Float32Array>;
  /** The fused picture, `[H, W]`. */
  readonly gray: Picture;
  /** The fused picture with the sources' colour, `[H, W, 3]`; `null` where both are gray. */
  readonly color: Picture | null;
}

/**
 * Fuses two registered pictures as the authors' inference code does: F sees each one's luminance divided by 255; the
 * tone makes its output the fused luminance; the sources' colour differences are merged and put back; uint8 values are
 * the nearest ones. No tensor stays on the engine but the parameters.
 *
 * @param params F's parameters as tensors of `engine`.
 * @param a, b `[H, W]` or `[H, W, 3]`, of the same height and width, in the order that F was trained with.
 * @throws ShapeError if the pictures differ in height or width, or a parameter does not fit; OptionError if there is no
 * such tone, or `memory` is too little for any strips; RefusionError if the network's output is not finite.
 * @see ReFusion (Bai et al., IJCV 2024) and its authors' published inference code
 */
export async function fusePictures(
  engine: Engine,
  params: Params<Tensor>,
  a: Picture,
  b: Picture,
  { tone = TONES[0], ...evaluation }: FuseOptions = {},
): Promise<Fused> {
  const [height, width] = a.shape;
  if (b.shape[0] !== height || b.shape[1] !== width) {
    throw new ShapeError(
      `fusePictures: b must have the height and width of a, ${height} and ${width}, got ${b.shape[0]} and ${b.shape[1]}`,
    );
  }
  const raw = await networkOutput(engine, params, a, b, evaluation);
  const y = applyTone(raw, tone);
  const chroma = mergeChroma(a, b);
  return { raw, gray: toUint8(y), color: chroma && toUint8(toRgb(y, chroma)) };
}
