import { expectInteger, OptionError, type Rng } from '@refusion/core';
import { cropBatch, type PairBatch, switchSources } from './batch.js';
import { expectIndex, type MappedPair, type PairSource } from './pair-source.js';

export interface BatchStreamOptions<Name extends string = never> {
  /** Pairs a batch. */
  readonly batch: number;
  /** The side of the crops, in pixels. */
  readonly crop: number;
  /** Also feed every pair with its sources exchanged, which doubles the batch. */
  readonly exchange: boolean;
  readonly rng: Rng;
  /** Further maps of the pairs, such as `labels`, that the batch's targets carry along. Default: none. */
  readonly maps?: readonly Name[];
}

/**
 * An endless stream of batches of random crops. It goes through the pairs in random order, then through them again in
 * another; what is left of one pass begins the next pass's first batch.
 * @param indices the pairs to draw from.
 * @returns a function that draws the next batch. Batches depend on the order of the calls, not on when they finish.
 * @throws OptionError if there are no indices, or one is not a pair's.
 */
export function batchStream<Name extends string = never>(
  source: PairSource<MappedPair<NoInfer<Name>>>,
  indices: readonly number[],
  { batch, crop, exchange, rng, maps = [] }: BatchStreamOptions<Name>,
): () => Promise<PairBatch<Name>> {
  expectInteger('batchStream', 'batch', batch, 1);
  expectInteger('batchStream', 'crop', crop, 1);
  if (indices.length === 0)
    throw new OptionError('batchStream: indices must name at least one pair, got none');
  for (const index of indices) expectIndex('batchStream', index, source.length);
  let waiting: number[] = [];
  let drawn = 0;
  return async () => {
    while (waiting.length < batch) waiting = [...waiting, ...rng.shuffle(indices)];
    const chosen = waiting.slice(0, batch);
    waiting = waiting.slice(batch);
    // A generator of its own, made now: reading pictures takes a while, and a later call may overtake this one.
    const places = rng.fork(`batch ${drawn++}`);
    const crops = await cropBatch(source, chosen, { crop, rng: places, maps });
    return exchange ? switchSources(crops) : crops;
  };
}
