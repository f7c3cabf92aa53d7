import { expect, it } from 'vitest';
import { fusionNetwork } from './fusion.js';
import { proposalNetwork } from './proposal.js';
import { recogniseNetwork } from './recognise.js';
import { reconstructionNetwork } from './reconstruction.js';

const SIZES = [{}, { dim: 6, blocks: 3, heads: 3, ffn: 1.5 }, { dim: 4, blocks: 1, heads: 2, ffn: 0.25 }];

it.each(SIZES)('recognises each network, and its size, by its parameters: %o', (size) => {
  for (const network of [fusionNetwork(size), proposalNetwork(size), reconstructionNetwork(size)]) {
    expect(recogniseNetwork(network.specs)).toEqual({ name: network.name, config: network.config });
  }
});

it('recognises nothing in others', () => {
  expect(recogniseNetwork({})).toBeNull();
  expect(recogniseNetwork({ 'act.weight': { shape: [1] }, toString: { shape: [1] } })).toBeNull();
  const { 'head1.project_out_0.weight': _left, ...rest } = reconstructionNetwork().specs;
  expect(recogniseNetwork(rest)).toBeNull();
});
