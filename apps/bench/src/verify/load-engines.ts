import type { Engine } from '@refusion/autodiff';
import { VERIFIABLE, type VerifiableEngine } from '../engine-names.js';
import { engineOf } from '../engines.js';

/** Whether an engine loads here. */
export interface Availability {
  readonly engine: VerifiableEngine;
  readonly loaded: boolean;
  /** Why not, or what else its user should know. */
  readonly remark?: string;
}

export interface LoadedEngines {
  readonly engines: readonly Engine[];
  readonly availability: readonly Availability[];
}

/**
 * Loads one engine, or all that load here.
 * @throws RefusionError if the one does not load
 */
export async function loadEngines(choice: VerifiableEngine | 'all'): Promise<LoadedEngines> {
  const engines: Engine[] = [];
  const availability: Availability[] = [];
  for (const name of choice === 'all' ? VERIFIABLE : [choice]) {
    try {
      const engine = await engineOf(name);
      engines.push(engine);
      const { remark } = engine;
      availability.push({ engine: name, loaded: true, ...(remark && { remark }) });
    } catch (error) {
      if (choice !== 'all' || !(error instanceof Error)) throw error;
      availability.push({ engine: name, loaded: false, remark: error.message });
    }
  }
  return { engines, availability };
}
