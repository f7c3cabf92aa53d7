import type { Engine, Tensor } from '@refusion/autodiff';
import { hasShape, kindOf, type NdArray, OptionError, type Params, ShapeError } from '@refusion/core';
import type { Extremes, Picture, SourcePicture } from '@refusion/image-io';
import { fusionConfigOf, type NetworkConfig } from '@refusion/networks';
import { type EvaluationOptions, networkOutput, networkOutputs, type PicturePair } from './network-output.js';
import { engineRunner } from './strips/engine-runner.js';
import type { StageRunner } from './strips/stage.js';
import { applyTone, type DataOf, TONES, type Tone } from './tone.js';

export interface FuseOptions<T extends Tone = Tone> extends EvaluationOptions {
  /** How the network's output becomes a picture. Default `stretch`, the authors' choice. */
  readonly tone?: T | undefined;
  /**
   * Of the tone `stretch`: what becomes black and white, from the output's own extremes. Default: these, as the authors
   * do.
   */
  readonly range?: ((own: Extremes) => Extremes) | undefined;
}

/** What two pictures become. The picture to save is `color ?? gray`: of 8 bits, or of 16 with the tone `none`. */
export interface Fused<D extends Uint8Array | Uint16Array = Uint8Array> {
  /** The network's output before any tone: `[H, W]`, float32, in (0, 1). */
  readonly raw: NdArray<Float32Array>;
  /** The fused picture, `[H, W]`. */
  readonly gray: Picture<D>;
  /** The fused picture with the sources' colour, `[H, W, 3]`; `null` where both are gray. */
  readonly color: Picture<D> | null;
}

/**
 * Fuses two registered pictures as the authors' inference code does: F sees each one's luminance divided by 255; the
 * tone makes its output the fused luminance; the sources' colour differences are merged and put back; whole values are
 * the nearest ones. No tensor stays on the engine but the parameters.
 *
 * @param params F's parameters as tensors of `engine`.
 * @param a, b `[H, W]` or `[H, W, 3]`, of the same height and width, in the order that F was trained with.
 * @throws ShapeError if the pictures differ in height or width, or a parameter does not fit; OptionError if one is no
 * picture, there is no such tone, or `memory` is no number or too little for any strips; RefusionError if the network's output is not finite.
 * @see ReFusion (Bai et al., IJCV 2024) and its authors' published inference code
 */
export async function fusePictures<T extends Tone = 'stretch'>(
  engine: Engine,
  params: Params<Tensor>,
  a: SourcePicture,
  b: SourcePicture,
  options: FuseOptions<T> = {},
): Promise<Fused<DataOf<T>>> {
  return fuseWith(engineRunner(engine, params), fusionConfigOf(params), a, b, options);
}

/** `fusePictures` on anything that evaluates F's stages. */
export async function fuseWith<T extends Tone>(
  runner: StageRunner,
  config: NetworkConfig | null,
  a: SourcePicture,
  b: SourcePicture,
  { tone, range, ...evaluation }: FuseOptions<T>,
): Promise<Fused<DataOf<T>>> {
  expectSameSize(a, b);
  const raw = await networkOutput(runner, config, a, b, evaluation);
  return { raw, ...applyTone(raw, [a, b], (tone ?? TONES[0]) as T, range) };
}

/** `fuseWith` for pairs of one size, evaluated together. @throws ShapeError if the sizes differ */
export async function fuseTogether<T extends Tone>(
  runner: StageRunner,
  config: NetworkConfig | null,
  pairs: readonly PicturePair[],
  { tone, range, ...evaluation }: FuseOptions<T>,
): Promise<readonly Fused<DataOf<T>>[]> {
  expectPairs(pairs);
  for (const [a, b] of pairs) {
    expectSameSize(a, b);
    expectSameSize((pairs[0] as PicturePair)[0], a);
  }
  const outputs = await networkOutputs(runner, config, pairs, evaluation);
  return outputs.map((raw, i) => ({
    raw,
    ...applyTone(raw, pairs[i] as PicturePair, (tone ?? TONES[0]) as T, range),
  }));
}

function expectPairs(pairs: readonly PicturePair[]): void {
  if (Array.isArray(pairs) && pairs.every((pair) => Array.isArray(pair))) return;
  const got = Array.isArray(pairs) ? 'a list of something else' : kindOf(pairs);
  throw new OptionError(`fusePictures: pairs must be a list of pairs [a, b], got ${got}`);
}

function expectPicture(name: string, source: SourcePicture): void {
  if (hasShape(source) && ArrayBuffer.isView(source.data)) return;
  throw new OptionError(
    `fusePictures: ${name} must be a picture { data, shape }, as readPicture of @refusion/image-io/node gives it, got ${kindOf(source)}`,
  );
}

function expectSameSize(a: SourcePicture, b: SourcePicture): void {
  expectPicture('a', a);
  expectPicture('b', b);
  const [[height, width], other] = [a.shape, b.shape];
  if (other[0] === height && other[1] === width) return;
  throw new ShapeError(
    `fusePictures: b must have the height and width of a, ${height} and ${width}, got ${other[0]} and ${other[1]}`,
  );
}
