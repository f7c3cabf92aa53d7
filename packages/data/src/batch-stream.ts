import { expectInteger, OptionError, type Rng, type RngState, rngFrom } from '@refusion/core';
import { cropBatch, type PairBatch, switchSources } from './batch.js';
import { expectIndex, type MappedPair, type PairSource } from './pair-source.js';

export interface BatchStreamOptions<Name extends string = never> {
  /** Pairs a batch. */
  readonly batch: number;
  /** The side of the crops, in pixels. */
  readonly crop: number;
  /** Also turn and mirror every crop at random. Default false. */
  readonly symmetries?: boolean;
  /** Also feed every pair with its sources exchanged, which doubles the batch. */
  readonly exchange: boolean;
  /** Where the stream starts; it is not moved. */
  readonly rng: Rng;
  /** Further maps of the pairs, such as `labels`, that the batch's targets carry along. Default: none. */
  readonly maps?: readonly Name[];
}

/** Where a stream is, as a plain value that JSON keeps: enough to go on with the very same batches. */
export type BatchStreamState = {
  /** The generator that orders the passes and places the crops. */
  readonly random: RngState;
  /** The pairs of the pass under way that are still to come, in their order. */
  readonly waiting: readonly number[];
  /** Batches drawn so far. */
  readonly drawn: number;
};

/** An endless stream of batches that can say where it is and go there again. */
export interface BatchStream<Name extends string = never> {
  /** The next batch. Batches depend on the order of the calls, not on when they finish. */
  next(): Promise<PairBatch<Name>>;
  /** Where the stream is, counting every call of `next` so far. */
  state(): BatchStreamState;
  /**
   * Goes to where a stream of the same pairs and options was.
   * @throws OptionError if the state is not one of such a stream
   */
  restore(state: BatchStreamState): void;
}

/**
 * An endless stream of batches of random crops. It goes through the pairs in random order, then through them again in
 * another; what is left of one pass begins the next pass's first batch.
 * @param indices the pairs to draw from.
 * @throws OptionError if there are no indices, or one is not a pair's.
 */
export function batchStream<Name extends string = never>(
  source: PairSource<MappedPair<NoInfer<Name>>>,
  indices: readonly number[],
  { batch, crop, symmetries = false, exchange, rng, maps = [] }: BatchStreamOptions<Name>,
): BatchStream<Name> {
  expectInteger('batchStream', 'batch', batch, 1);
  expectInteger('batchStream', 'crop', crop, 1);
  if (indices.length === 0)
    throw new OptionError('batchStream: indices must name at least one pair, got none');
  for (const index of indices) expectIndex('batchStream', index, source.length);
  let random = rngFrom(rng.state());
  let waiting: readonly number[] = [];
  let drawn = 0;
  return {
    next: async () => {
      while (waiting.length < batch) waiting = [...waiting, ...random.shuffle(indices)];
      const chosen = waiting.slice(0, batch);
      waiting = waiting.slice(batch);
      // A generator of its own, made now: reading pictures takes a while, and a later call may overtake this one.
      const places = random.fork(`batch ${drawn++}`);
      const crops = await cropBatch(source, chosen, { crop, symmetries, rng: places, maps });
      return exchange ? switchSources(crops) : crops;
    },
    state: () => ({ random: random.state(), waiting, drawn }),
    restore: (state) => {
      expectState(state, indices);
      random = rngFrom(state.random);
      waiting = state.waiting;
      drawn = state.drawn;
    },
  };
}

function expectState(state: BatchStreamState | null, indices: readonly number[]): void {
  const { random, waiting, drawn }: Partial<BatchStreamState> = state ?? {};
  const known = new Set(indices);
  const isWord = (word: number): boolean => Number.isInteger(word) && word >= 0 && word < 2 ** 32;
  const fits =
    random?.length === 4 &&
    random.every(isWord) &&
    Array.isArray(waiting) &&
    waiting.every((index) => known.has(index)) &&
    Number.isSafeInteger(drawn) &&
    (drawn as number) >= 0;
  if (!fits) throw new OptionError('batchStream: the state is not one of a stream of these pairs');
}
