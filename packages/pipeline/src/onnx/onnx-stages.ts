import { type NdArray, type Params, type Shape, sizeOf } from '@refusion/core';
import { compile, type InputSpec } from '@refusion/onnx';
import { openSession, type Session, type SessionOptions } from '@refusion/onnx/node';
import { FUSION_STAGE, type Stage, type StageEngine, type StageRunner } from '../strips/stage.js';

export interface OnnxStagesOptions extends SessionOptions {
  /**
   * After so many pixels of pictures of one size in a row, a model is compiled for that size, which is evaluated in strips
   * that stay in the processor's caches. Default: none for the size that comes first, since most folders have one; for
   * others as many as it takes for that to be faster in all.
   */
  readonly fixedAfter?: number;
}

/**
 * F's stages compiled to ONNX models, each once, when it is first run, and run by onnxruntime.
 * @example
 * const fuse = await pipeline({ weights, engine: onnxStages({ threads: 2 }) });
 */
export function onnxStages(options: OnnxStagesOptions = {}): StageEngine {
  return { name: 'onnx', start: async (weights) => onnxRunner(weights, options) };
}

/** A stage that is ready to run. */
interface Compiled {
  readonly name: string;
  readonly session: Session;
}

function onnxRunner(weights: Params<NdArray>, { fixedAfter, ...options }: OnnxStagesOptions): StageRunner {
  const models = new Map<string, Uint8Array>();
  const worthFixing = fixedSizes(fixedAfter);
  let compiled: Compiled | null = null;
  let last: Promise<unknown> = Promise.resolve();
  // One session at a time: each keeps the memory of its largest run.
  const sessionOf = async (stage: Stage, shapes: readonly Shape[]): Promise<Session> => {
    const fixed = stage === FUSION_STAGE && worthFixing(shapes[0] as Shape) ? shapes : null;
    const name = fixed ? `${stage.name} ${fixed}` : stage.name;
    if (compiled?.name !== name) {
      await compiled?.session.close();
      compiled = null;
      const model = models.get(name) ?? compileStage(stage, weights, fixed);
      // A model for one size is large and may never be wanted again.
      if (!fixed) models.set(name, model);
      compiled = { name, session: await openSession(model, options) };
    }
    return compiled.session;
  };
  const run: StageRunner['run'] = async (stage, inputs) => {
    const session = await sessionOf(
      stage,
      inputs.map(({ shape }) => shape),
    );
    const named = stage.inputs.map(({ name }, i) => [name, float32(inputs[i] as NdArray)] as const);
    const outputs = await session.run(Object.fromEntries(named));
    return stage.outputs.map((name) => (outputs[name] as NdArray<Float32Array>).data);
  };
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
  return {
    name: 'onnx',
    weights: async () => weights,
    leanAt: (height, width) => height >= LEAN_HEIGHT && height * width >= (fixedAfter ?? WORTH_PIXELS),
    run: (stage, inputs) => inTurn(() => run(stage, inputs)),
    dispose: () => {
      const closing = inTurn(async () => {
        const session = compiled?.session;
        compiled = null;
        await session?.close();
      });
      // Nobody waits for it, and what cannot be freed is of no use to anybody.
      closing.catch(() => {});
    },
  };
}

/** Compiling for one size takes half a second, and then saves about as much on so many pixels. */
const WORTH_PIXELS = 1.2e6;

/** Tells, run by run, whether a model for the size that comes pays. */
function fixedSizes(after: number | undefined): (shape: Shape) => boolean {
  let size = '';
  let sizes = 0;
  let pixels = 0;
  return (shape) => {
    if (`${shape}` !== size) {
      pixels = 0;
      sizes++;
    }
    size = `${shape}`;
    pixels += sizeOf(shape);
    const first = after === undefined && sizes === 1;
    return first || pixels >= (after ?? WORTH_PIXELS);
  };
}

/** Lower pictures are cut into few strips, or none, which saves little memory. */
const LEAN_HEIGHT = 256;

const AXES = ['B', 'H', 'W'];
/** What is made of so many pixels stays in the caches of a core; see docs/decisions/003. */
const STRIP_PIXELS = 32_000;
/** More strips make models that take longer to compile than they save. */
const MOST_STRIPS = 24;

/** @param fixed the inputs' shapes; `null` for any number, height and width of pictures */
function compileStage(stage: Stage, params: Params<NdArray>, fixed: readonly Shape[] | null): Uint8Array {
  const inputs = stage.inputs.map(({ name, shape }, i): [string, InputSpec] => [
    name,
    {
      shape: fixed?.[i] ?? shape.map((length, axis) => length ?? (AXES[axis] as string)),
      layout: 'row-major',
    },
  ]);
  const stripPixels = fixed && Math.max(STRIP_PIXELS, Math.ceil(sizeOf(fixed[0] as Shape) / MOST_STRIPS));
  return compile(
    (ops, given, constants) => {
      const outputs = stage.apply(
        ops,
        constants,
        stage.inputs.map(({ name }) => given[name] as never),
      );
      return Object.fromEntries(stage.outputs.map((name, i) => [name, outputs[i] as never]));
    },
    {
      inputs: Object.fromEntries(inputs),
      params,
      outputLayouts: Object.fromEntries(stage.outputs.map((name) => [name, 'row-major' as const])),
      name: stage.name,
      ...(stripPixels ? { stripPixels } : {}),
    },
  );
}

function float32({ data, shape }: NdArray): NdArray<Float32Array> {
  return { data: data instanceof Float32Array ? data : Float32Array.from(data), shape };
}
