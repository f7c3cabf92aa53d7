import type { Engine, Tensor } from '@refusion/autodiff';
import { mapParams, type NdArray, type Params, toFloat64 } from '@refusion/core';
import type { Numbers, StageEngine, StageRunner } from './stage.js';

/**
 * Stages as plain calls on an engine. No tensor stays on it.
 * @param params F's parameters as tensors of the engine
 */
export function engineRunner(engine: Engine, params: Params<Tensor>): StageRunner {
  const { ops } = engine;
  return {
    name: engine.name,
    weights: async () => {
      const values: { [name: string]: NdArray } = {};
      for (const [name, x] of Object.entries(params)) {
        values[name] = { data: await engine.read(x), shape: x.shape };
      }
      return values;
    },
    run: async (stage, inputs) => {
      const outputs = ops.scope(() =>
        stage.apply(
          ops,
          params,
          inputs.map(({ data, shape }) => ops.constant(data, shape)),
        ),
      );
      try {
        const values: Numbers[] = [];
        for (const output of outputs) values.push(await engine.read(output));
        return values;
      } finally {
        engine.release([...outputs]);
      }
    },
    dispose: () => engine.release(params),
  };
}

/** An engine of the op set as one that starts F. */
export function stageEngine(engine: Engine): StageEngine {
  const { name, ops } = engine;
  return {
    name,
    start: async (weights) => {
      const params = ops.scope(() =>
        mapParams((x: NdArray): Tensor => ops.constant(toFloat64(x), x.shape), weights),
      );
      return engineRunner(engine, params);
    },
  };
}
