import type { Engine } from '@refusion/autodiff';
import { RefusionError } from '@refusion/core';
import { type OnnxEngine, onnxEngine } from '@refusion/onnx/node';
import { loadEngine, ENGINES as TF_ENGINES } from '@refusion/tf';

/** What can train, the fastest first. */
export const ENGINE_NAMES = ['onnx', ...TF_ENGINES] as const;

export type EngineName = (typeof ENGINE_NAMES)[number];

export interface EngineChoice {
  /** Null: onnxruntime, or WebAssembly where that does not load, or not with the kernels that make it fast. */
  readonly engine: EngineName | null;
  /** Worker threads of onnxruntime; null: one for each core. */
  readonly workers: number | null;
  /** Is told what takes the place of onnxruntime, and why. */
  readonly warn: (sentence: string) => void;
  /** Is told what takes longer than a second to prepare. */
  readonly onPreparing: (sentence: string) => void;
}

/** The engine to train on. @throws RefusionError if the one that was asked for does not start */
export async function startEngine(choice: EngineChoice): Promise<Engine & { readonly name: EngineName }> {
  const { engine: name, warn } = choice;
  if (name === 'onnx') return startOnnx(choice);
  if (name !== null) return named(await loadEngine(name), name);
  const reason = await startOnnx(choice).then(
    async (engine) => {
      if (engine.block !== null) return engine;
      await engine.close();
      return engine.remark;
    },
    (error: unknown) => {
      if (!(error instanceof RefusionError)) throw error;
      return error.message;
    },
  );
  if (typeof reason !== 'string') return reason;
  warn(`${reason}; the engine wasm takes its place`);
  return named(await loadEngine('wasm'), 'wasm');
}

async function startOnnx({ workers, onPreparing }: EngineChoice): Promise<OnnxEngine> {
  return onnxEngine({
    ...(workers === null ? {} : { workers }),
    onPreparing: (step) => onPreparing(`preparing ${step}, which is done once`),
  });
}

function named<N extends EngineName>(engine: Engine, name: N): Engine & { readonly name: N } {
  return { ...engine, name };
}
