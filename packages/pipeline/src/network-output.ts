import type { Engine, Tensor } from '@refusion/autodiff';
import { type NdArray, type Params, RefusionError } from '@refusion/core';
import { luminance, picture, type SourcePicture } from '@refusion/image-io';
import { fusion, fusionConfigOf, type NetworkConfig } from '@refusion/networks';
import { engineMemory } from './strips/engine-memory.js';
import { evaluateStrips } from './strips/evaluate-strips.js';
import { planStrips, type StripPlan } from './strips/plan-strips.js';
import type { RowSource } from './strips/row-source.js';
import { engineRunner } from './strips/stage.js';

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
 * @throws OptionError if `memory` is too little for any strips; RefusionError if the output is not finite.
 */
export async function networkOutput(
  engine: Engine,
  params: Params<Tensor>,
  a: SourcePicture,
  b: SourcePicture,
  options: EvaluationOptions,
): Promise<NdArray<Float32Array>> {
  const [height, width] = a.shape;
  const sources = [lumaRows(a), lumaRows(b)] as const;
  // Parameters whose size cannot be told are not whole; the network says what is missing.
  const config = fusionConfigOf(params);
  const plan = config && stripsFor(engine, config, sources[0], options.memory);
  const data = plan
    ? await inStrips(engine, params, config, sources, plan, options)
    : await evaluateWhole(engine, params, sources);
  if (!data.every(Number.isFinite)) {
    throw new RefusionError(
      'fusePictures: the network gives values that are not finite numbers, choose other weights',
    );
  }
  return { data, shape: [height, width] };
}

type Sources = readonly [RowSource, RowSource];

/** A picture's luminance over 255. */
function lumaRows({ data, shape }: SourcePicture): RowSource {
  const [height, width] = shape;
  const row = width * (shape.length === 3 ? 3 : 1);
  return {
    height,
    width,
    rows: (start, end) => {
      const rows = picture(data.subarray(start * row, end * row), [end - start, ...shape.slice(1)]);
      return luminance(rows).data.map((value) => value / 255);
    },
  };
}

/** The plan for a picture that does not fit; `null` for one that does. */
function stripsFor(
  engine: Engine,
  config: NetworkConfig,
  { height, width }: RowSource,
  memory = Number.POSITIVE_INFINITY,
): StripPlan | null {
  const { bytesPerPixel, engineBytes } = engineMemory(engine.name, config);
  if (height * width * bytesPerPixel <= Math.min(memory, engineBytes)) return null;
  return planStrips({ height, width, config, bytes: memory, bytesPerPixel, engineBytes });
}

async function evaluateWhole(
  engine: Engine,
  params: Params<Tensor>,
  sources: Sources,
): Promise<Float32Array> {
  const { ops } = engine;
  const batch = ({ height, width, rows }: RowSource): Tensor =>
    ops.constant(rows(0, height), [1, height, width, 1]);
  const fused = ops.scope(() => fusion(ops, params, batch(sources[0]), batch(sources[1])));
  try {
    return Float32Array.from(await engine.read(fused));
  } finally {
    engine.release(fused);
  }
}

async function inStrips(
  engine: Engine,
  params: Params<Tensor>,
  config: NetworkConfig,
  sources: Sources,
  plan: StripPlan,
  { onStrip }: EvaluationOptions,
): Promise<Float32Array> {
  const [{ height, width }] = sources;
  const fused = new Float32Array(height * width);
  await evaluateStrips({
    config,
    weights: await valuesOf(engine, params),
    runner: engineRunner(engine, params),
    sources,
    plan,
    onRows: (start, values) => fused.set(values, start * width),
    onStrip,
  });
  return fused;
}

/** The values of parameters on an engine. */
async function valuesOf(engine: Engine, params: Params<Tensor>): Promise<Params<NdArray>> {
  const values: { [name: string]: NdArray } = {};
  for (const [name, x] of Object.entries(params))
    values[name] = { data: await engine.read(x), shape: x.shape };
  return values;
}
