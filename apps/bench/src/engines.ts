import { type Engine, reference } from '@refusion/autodiff';
import { onnxEngine } from '@refusion/onnx/node';
import { type EngineOptions, loadEngine } from '@refusion/tf';
import type { VerifiableEngine } from './engine-names.js';

export interface EngineChoice extends EngineOptions {
  /** Worker threads of `onnx`. Default: one for each core. */
  readonly workers?: number;
}

/** @throws RefusionError if the engine does not load here */
export async function engineOf(name: VerifiableEngine, choice: EngineChoice = {}): Promise<Engine> {
  if (name === 'reference') return reference;
  if (name !== 'onnx') return loadEngine(name, choice);
  const { workers, threads } = choice;
  return onnxEngine({ ...(workers && { workers }), ...(threads && { threads }) });
}
