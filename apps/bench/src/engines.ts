import { type Engine, reference } from '@refusion/autodiff';
import { fastOnnxEngine, type OnnxEngineOptions, onnxEngine } from '@refusion/onnx/node';
import { type EngineOptions, loadEngine } from '@refusion/tf';
import type { VerifiableEngine } from './engine-names.js';

export interface EngineChoice extends EngineOptions {
  /** Worker threads of `onnx`. Default: one for each core. */
  readonly workers?: number;
  /** On `onnx`, is told the name of a step that takes longer than a second to prepare. */
  readonly onPreparing?: (name: string) => void;
}

/** @throws RefusionError if the engine does not load here */
export async function engineOf(name: VerifiableEngine, choice: EngineChoice = {}): Promise<Engine> {
  if (name === 'reference') return reference;
  if (name !== 'onnx' && name !== 'onnx-public') return loadEngine(name, choice);
  const layout = name === 'onnx-public' ? { block: null } : {};
  return { ...(await onnxEngine({ ...optionsOf(choice), ...layout })), name };
}

/**
 * The fastest engine here: onnxruntime, or WebAssembly where that does not load, or not with what makes it fast.
 *
 * @param warn is told what takes the place of onnxruntime, and why
 */
export async function fastestEngine(choice: EngineChoice, warn: (sentence: string) => void): Promise<Engine> {
  const fast = await fastOnnxEngine(optionsOf(choice));
  if (fast.engine) return fast.engine;
  warn(`${fast.reason}; the engine wasm takes its place`);
  return loadEngine('wasm', choice);
}

function optionsOf({ workers, threads, onPreparing }: EngineChoice): Omit<OnnxEngineOptions, 'block'> {
  return {
    ...(workers && { workers }),
    ...(threads && { threads }),
    ...(onPreparing && { onPreparing }),
  };
}
