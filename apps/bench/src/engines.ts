import { type Engine, reference } from '@refusion/autodiff';
import { ENGINES, type EngineOptions, loadEngine } from '@refusion/tf';

/** The float64 engine, the truth, and those of TensorFlow.js. */
export const VERIFIABLE = ['reference', ...ENGINES] as const;

export type VerifiableEngine = (typeof VERIFIABLE)[number];

/** @throws RefusionError if the engine does not load here */
export async function engineOf(name: VerifiableEngine, options: EngineOptions = {}): Promise<Engine> {
  return name === 'reference' ? reference : loadEngine(name, options);
}
