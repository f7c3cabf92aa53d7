import { configOf, type NetworkConfig, type Shapes } from './config.js';
import { fusionConfigOf } from './fusion.js';

/** What the three networks are called. */
export type NetworkName = 'fusion' | 'proposal' | 'reconstruction';

/** Which network parameters belong to, and its size. */
export interface RecognisedNetwork {
  readonly name: NetworkName;
  readonly config: NetworkConfig;
}

const R_PARTS = { first: 'project_in', encoder: 'encoder', widest: 'encoder' };

/**
 * Tells by the names and shapes of parameters to which of the three networks they belong; whether they are whole is for
 * `expectParameters` to say.
 * @returns null if they are of none
 */
export function recogniseNetwork(params: Shapes): RecognisedNetwork | null {
  const fusion = fusionConfigOf(params);
  if (fusion) return { name: 'fusion', config: fusion };
  const proposal = Object.hasOwn(params, 'act.weight') ? configOf(params) : null;
  if (proposal) return { name: 'proposal', config: proposal };
  const hasHeads = Object.hasOwn(params, 'head1.project_out_0.weight');
  const reconstruction = hasHeads ? configOf(params, R_PARTS) : null;
  return reconstruction && { name: 'reconstruction', config: reconstruction };
}
