import { kindOf, type NdArray, OptionError, RefusionError } from '@refusion/core';
import { luminance, type Picture, rowsOf, type SourcePicture } from '@refusion/image-io';
import type { NetworkConfig } from '@refusion/networks';
import { engineMemory, leanMemory } from './strips/engine-memory.js';
import { type EvaluateStripsOptions, evaluateStrips } from './strips/evaluate-strips.js';
import { leastStripBytes, planStrips, type StripPlan } from './strips/plan-strips.js';
import type { RowSource } from './strips/row-source.js';
import { FUSION_STAGE, type Numbers, type StageRunner } from './strips/stage.js';

/** How F is evaluated. */
export interface EvaluationOptions {
  /**
   * The most bytes that evaluating the network may take, beside the pictures. A picture that needs more is evaluated in
   * strips, with the same result. Default: no limit but the engine's.
   */
  readonly memory?: number | undefined;
  /** Called as strips are done, where a picture is evaluated in strips. */
  readonly onStrip?: ((done: number, total: number) => void) | undefined;
}

/**
 * F's output for two pictures of one size: `[H, W]`, float32, in (0, 1).
 * @param config F's size; `null`, where its parameters are not whole, lets the network say what is missing
 * @throws OptionError if `memory` is no number, or too little for any strips, or for the whole picture where there can be none; RefusionError if the output is not finite.
 */
export async function networkOutput(
  runner: StageRunner,
  config: NetworkConfig | null,
  a: SourcePicture,
  b: SourcePicture,
  { memory, onStrip }: EvaluationOptions,
): Promise<NdArray<Float32Array>> {
  expectMemory(memory);
  const [height, width] = a.shape;
  const sources = [lumaRows(a), lumaRows(b)] as const;
  const plan = config && stripsFor(runner, config, sources[0], memory);
  const data = plan
    ? await inStrips({ runner, config, sources, plan, onStrip })
    : await evaluateWhole(runner, [sources]);
  return finite({ data, shape: [height, width] });
}

/**
 * F's outputs for pairs of pictures of one size, evaluated together where the memory is enough for all of them.
 * @throws as `networkOutput`
 */
export async function networkOutputs(
  runner: StageRunner,
  config: NetworkConfig | null,
  pairs: readonly PicturePair[],
  options: EvaluationOptions,
): Promise<readonly NdArray<Float32Array>[]> {
  const [first] = pairs;
  if (!first) return [];
  const [height, width] = first[0].shape;
  const { memory = Number.POSITIVE_INFINITY } = options;
  expectMemory(memory);
  const whole = config ? wholeMemory(runner, config, height, width) : 0;
  if (pairs.length * whole > memory) {
    const outputs: NdArray<Float32Array>[] = [];
    for (const [a, b] of pairs) outputs.push(await networkOutput(runner, config, a, b, options));
    return outputs;
  }
  const fused = await evaluateWhole(
    runner,
    pairs.map(([a, b]) => [lumaRows(a), lumaRows(b)]),
  );
  const size = height * width;
  return pairs.map((_pair, i) =>
    finite({ data: fused.slice(i * size, (i + 1) * size), shape: [height, width] }),
  );
}

/** What is no number would be no limit. */
function expectMemory(memory: number | undefined): void {
  if (memory === undefined || (typeof memory === 'number' && !Number.isNaN(memory))) return;
  throw new OptionError(`fusePictures: memory must be a number of bytes, got ${kindOf(memory)}`);
}

/** Two pictures of one scene. */
export type PicturePair = readonly [a: SourcePicture, b: SourcePicture];

function finite(output: NdArray<Float32Array>): NdArray<Float32Array> {
  if (output.data.every(Number.isFinite)) return output;
  throw new RefusionError(
    'fusePictures: the network gives values that are not finite numbers, choose other weights',
  );
}

type Sources = readonly [RowSource, RowSource];

/** A picture's luminance over 255. */
function lumaRows(source: SourcePicture): RowSource {
  const [height, width] = source.shape;
  return {
    height,
    width,
    rows: (start, end) => luminance(rowsOf(source as Picture, start, end)).data.map((value) => value / 255),
  };
}

/** The plan for a picture that does not fit; `null` for one that does. */
function stripsFor(
  runner: StageRunner,
  config: NetworkConfig,
  { height, width }: RowSource,
  memory = Number.MAX_VALUE,
): StripPlan | null {
  const { bytesPerPixel, engineBytes, slackBytes } = engineMemory(runner.name, config);
  const whole = wholeMemory(runner, config, height, width);
  if (whole <= memory) return null;
  if (runner.wholeOnly) {
    throw new OptionError(
      `fusePictures: ${Math.floor(memory)} bytes are too few for a picture of ${width}x${height} as a whole, which takes ${whole}; a model cannot go in strips, give the weights that it was made of`,
    );
  }
  return planStrips({ height, width, config, bytes: memory - slackBytes, bytesPerPixel, engineBytes });
}

/** The `memory` with which a picture is evaluated whole; infinite where the engine cannot hold so much. */
export function wholeMemory(
  runner: StageRunner,
  config: NetworkConfig,
  height: number,
  width: number,
): number {
  const lean = runner.leanAt?.(height, width) ? leanMemory(config) : null;
  const { bytesPerPixel, engineBytes, slackBytes } = lean ?? engineMemory(runner.name, config);
  const bytes = height * width * bytesPerPixel;
  return bytes <= engineBytes ? bytes + slackBytes : Number.POSITIVE_INFINITY;
}

/** The least `memory` with which a picture can be evaluated. */
export function leastMemory(
  runner: StageRunner,
  config: NetworkConfig,
  height: number,
  width: number,
): number {
  const whole = wholeMemory(runner, config, height, width);
  if (runner.wholeOnly) return whole;
  const { bytesPerPixel, slackBytes } = engineMemory(runner.name, config);
  return Math.min(whole, slackBytes + leastStripBytes({ height, width, config, bytesPerPixel }));
}

/** Pairs of one size, one after another in the result. */
async function evaluateWhole(runner: StageRunner, pairs: readonly Sources[]): Promise<Float32Array> {
  const [first] = pairs as readonly [Sources];
  const [{ height, width }] = first;
  const inputs = first.map((_source, side) => {
    const data = new Float32Array(pairs.length * height * width);
    pairs.forEach((sources, i) => {
      data.set((sources[side] as RowSource).rows(0, height), i * height * width);
    });
    return { data, shape: [pairs.length, height, width, 1] };
  });
  const [fused] = await runner.run(FUSION_STAGE, inputs);
  return fused instanceof Float32Array ? fused : Float32Array.from(fused as Numbers);
}

async function inStrips(options: Omit<EvaluateStripsOptions, 'onRows'>): Promise<Float32Array> {
  const [{ height, width }] = options.sources;
  const fused = new Float32Array(height * width);
  await evaluateStrips({ ...options, onRows: (start, values) => fused.set(values, start * width) });
  return fused;
}
