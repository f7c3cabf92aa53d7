import type { Engine } from '@refusion/autodiff';
import { fastOnnxEngine, onnxEngine } from '@refusion/onnx/node';
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
  const { engine: name, workers, warn, onPreparing } = choice;
  const options = {
    ...(workers === null ? {} : { workers }),
    onPreparing: (step: string) => onPreparing(`preparing ${step}, which is done once`),
  };
  if (name === 'onnx') return onnxEngine(options);
  if (name !== null) return { ...(await loadEngine(name)), name };
  const fast = await fastOnnxEngine(options);
  if (fast.engine) return fast.engine;
  warn(`${fast.reason}; the engine wasm takes its place`);
  return { ...(await loadEngine('wasm')), name: 'wasm' };
}
