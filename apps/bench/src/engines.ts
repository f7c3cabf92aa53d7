import { type Engine, reference } from '@refusion/autodiff';
import { ENGINES, loadEngine } from '@refusion/tf';

/** The float64 engine, the truth, and those of TensorFlow.js. */
export const VERIFIABLE = ['reference', ...ENGINES] as const;

export type VerifiableEngine = (typeof VERIFIABLE)[number];

export async function engineOf(name: VerifiableEngine): Promise<Engine> {
  return name === 'reference' ? reference : loadEngine(name);
}
