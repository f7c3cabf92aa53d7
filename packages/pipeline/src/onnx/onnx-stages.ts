import type { NdArray, Params } from '@refusion/core';
import { compile, type InputSpec } from '@refusion/onnx';
import { openSession, type Session, type SessionOptions } from '@refusion/onnx/node';
import type { Stage, StageEngine, StageRunner } from '../strips/stage.js';

/**
 * F's stages compiled to ONNX models, each once, when it is first run, and run by onnxruntime.
 * @example
 * const fuse = await pipeline({ weights, engine: onnxStages({ threads: 2 }) });
 */
export function onnxStages(options: SessionOptions = {}): StageEngine {
  return { name: 'onnx', start: async (weights) => onnxRunner(weights, options) };
}

/** A stage that is ready to run. */
interface Compiled {
  readonly name: string;
  readonly session: Session;
}

function onnxRunner(weights: Params<NdArray>, options: SessionOptions): StageRunner {
  const models = new Map<string, Uint8Array>();
  const modelOf = (stage: Stage): Uint8Array => {
    const model = models.get(stage.name) ?? compileStage(stage, weights);
    models.set(stage.name, model);
    return model;
  };
  let compiled: Compiled | null = null;
  let last: Promise<unknown> = Promise.resolve();
  // One session at a time: each keeps the memory of its largest run.
  const sessionOf = async (stage: Stage): Promise<Session> => {
    if (compiled?.name !== stage.name) {
      await compiled?.session.close();
      compiled = null;
      const session = await openSession(modelOf(stage), options);
      compiled = { name: stage.name, session };
    }
    return compiled.session;
  };
  const run: StageRunner['run'] = async (stage, inputs) => {
    const session = await sessionOf(stage);
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
    run: (stage, inputs) => inTurn(() => run(stage, inputs)),
    dispose: () => {
      void inTurn(async () => compiled?.session.close());
    },
  };
}

const AXES = ['B', 'H', 'W'];

function compileStage(stage: Stage, params: Params<NdArray>): Uint8Array {
  const inputs = stage.inputs.map(({ name, shape }): [string, InputSpec] => [
    name,
    { shape: shape.map((length, axis) => length ?? (AXES[axis] as string)), layout: 'row-major' },
  ]);
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
    },
  );
}

function float32({ data, shape }: NdArray): NdArray<Float32Array> {
  return { data: data instanceof Float32Array ? data : Float32Array.from(data), shape };
}
