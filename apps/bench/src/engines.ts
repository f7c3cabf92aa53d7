import { type Engine, reference } from '@refusion/autodiff';
import { onnxEngine } from '@refusion/onnx/node';
import { type EngineOptions, loadEngine, ENGINES as TF_ENGINES } from '@refusion/tf';

/** What trains: onnxruntime, and the engines of TensorFlow.js. */
export const ENGINES = ['onnx', ...TF_ENGINES] as const;

/** The float64 engine, the truth, and those that train. */
export const VERIFIABLE = ['reference', ...ENGINES] as const;

export type VerifiableEngine = (typeof VERIFIABLE)[number];

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
