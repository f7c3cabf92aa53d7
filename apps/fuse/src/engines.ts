import { type Engine, reference } from '@refusion/autodiff';
import { loadEngine, ENGINES as TF_ENGINES } from '@refusion/tf';

/** What can compute; the first is the default. */
export const ENGINE_NAMES = [...TF_ENGINES, 'reference'] as const;

export type EngineName = (typeof ENGINE_NAMES)[number];

/** @throws RefusionError if the engine does not start */
export async function startEngine(name: EngineName): Promise<Engine> {
  return name === 'reference' ? reference : loadEngine(name);
}
