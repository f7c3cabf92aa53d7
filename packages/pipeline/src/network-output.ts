import { type NdArray, RefusionError } from '@refusion/core';
import { luminance, type Picture, rowsOf, type SourcePicture } from '@refusion/image-io';
import type { NetworkConfig } from '@refusion/networks';
import { engineMemory } from './strips/engine-memory.js';
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
 * @throws OptionError if `memory` is too little for any strips; RefusionError if the output is not finite.
 */
export async function networkOutput(
  runner: StageRunner,
  config: NetworkConfig | null,
  a: SourcePicture,
  b: SourcePicture,
  { memory, onStrip }: EvaluationOptions,
): Promise<NdArray<Float32Array>> {
  const [height, width] = a.shape;
  const sources = [lumaRows(a), lumaRows(b)] as const;
  const plan = config && stripsFor(runner, config, sources[0], memory);
  const data = plan
    ? await inStrips({ runner, config, sources, plan, onStrip })
    : await evaluateWhole(runner, sources);
  if (!data.every(Number.isFinite)) {
    throw new RefusionError(
      'fusePictures: the network gives values that are not finite numbers, choose other weights',
    );
  }
  return { data, shape: [height, width] };
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
  memory = Number.POSITIVE_INFINITY,
): StripPlan | null {
  const { bytesPerPixel, engineBytes } = engineMemory(runner.name, config);
  if (height * width * bytesPerPixel <= Math.min(memory, engineBytes)) return null;
  return planStrips({ height, width, config, bytes: memory, bytesPerPixel, engineBytes });
}

/** The least `memory` with which a picture can be evaluated. */
export function leastMemory(engine: string, config: NetworkConfig, height: number, width: number): number {
  const { bytesPerPixel } = engineMemory(engine, config);
  return Math.min(height * width * bytesPerPixel, leastStripBytes({ height, width, config, bytesPerPixel }));
}

async function evaluateWhole(runner: StageRunner, sources: Sources): Promise<Float32Array> {
  const inputs = sources.map(({ height, width, rows }) => ({
    data: rows(0, height),
    shape: [1, height, width, 1],
  }));
  const [fused] = await runner.run(FUSION_STAGE, inputs);
  return fused instanceof Float32Array ? fused : Float32Array.from(fused as Numbers);
}

async function inStrips(options: Omit<EvaluateStripsOptions, 'onRows'>): Promise<Float32Array> {
  const [{ height, width }] = options.sources;
  const fused = new Float32Array(height * width);
  await evaluateStrips({ ...options, onRows: (start, values) => fused.set(values, start * width) });
  return fused;
}
