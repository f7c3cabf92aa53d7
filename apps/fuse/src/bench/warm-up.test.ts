import { FileError, rng } from '@refusion/core';
import { listPairs, type Pair } from '@refusion/data/node';
import { encodeSafetensors, fusionNetwork } from '@refusion/networks';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { FusedPair, PairOutcome } from '../fuse-pair.js';
import { at, closeTrial, makePair, makePicture, openTrial, WIDTH } from '../trial.js';
import { warmUp } from './warm-up.js';

const network = fusionNetwork({ dim: 4, blocks: 1, heads: 2, ffn: 1 });
beforeEach(() => openTrial(encodeSafetensors(network.init(rng(1)))));
afterEach(closeTrial);

/** The stems of each chunk that the threads fuse before the clock starts. */
async function chunksOf(
  batch: number,
  outcome: PairOutcome = { fused: {} as FusedPair },
): Promise<string[][]> {
  const { pairs } = await listPairs({ a: at('ir'), b: at('vi') });
  const chunks: string[][] = [];
  const fuseOnEach = async (chunk: readonly Pair[]): Promise<PairOutcome[]> => {
    chunks.push(chunk.map(({ stem }) => stem));
    return chunk.map(() => outcome);
  };
  await warmUp({ fuseOnEach, batch }, pairs);
  return chunks;
}

it('fuses a chunk on each thread', async () => {
  for (const stem of ['a', 'b', 'c']) await makePair(stem, 1);
  expect(await chunksOf(2)).toEqual([['a', 'b']]);
});

it('fuses one of another size, too, so that what folders of many are fused by is compiled', async () => {
  for (const stem of ['a', 'b', 'c', 'd']) await makePair(stem, 1);
  await makePicture(at('ir', 'c.png'), 1, 1, WIDTH + 1);
  expect(await chunksOf(1)).toEqual([['a'], ['c']]);
  expect(await chunksOf(2)).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
});

it('names the pair that cannot be fused', async () => {
  await makePair('a', 1);
  const warming = chunksOf(1, { error: new FileError('it is damaged') });
  await expect(warming).rejects.toThrow(new FileError('a: it is damaged'));
});
