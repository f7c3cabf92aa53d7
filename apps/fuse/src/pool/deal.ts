import { availableParallelism } from 'node:os';
import { RefusionError } from '@refusion/core';
import { type PairListing, readPair } from '@refusion/data/node';
import type { Fuse } from '@refusion/pipeline';
import { chunkFuser } from '../fuse-chunk.js';
import type { ChunkFuser } from '../fuse-pair.js';
import type { Dealing } from '../fuse-pairs.js';
import { memoryBudget, wholeAtATime } from '../memory.js';
import type { Setup } from './fuse-job.js';
import { openPool } from './open-pool.js';

export interface DealOptions {
  readonly fuse: Fuse;
  readonly listing: PairListing;
  readonly setup: Omit<Setup, 'share'>;
  /** The most that the process may take, in bytes. */
  readonly most: number;
  /** Pairs side by side: as many at most as there are cores, and pairs; `undefined` chooses. */
  readonly jobs: number | undefined;
  /** Pairs fused together. */
  readonly batch: number;
}

/** How pairs are dealt out, and by how many. Call `close` in a `finally`. */
export interface Dealt extends Dealing {
  readonly jobs: number;
  /** Fuses a chunk on every thread. */
  readonly fuseOnEach: ChunkFuser;
  readonly close: () => Promise<void>;
}

/** Chunks that lie ready for each thread. */
const AHEAD = 2;
/** With fewer pairs, starting a thread takes longer than it saves. */
const PAIRS_PER_JOB = 4;

/**
 * Deals out pairs to threads, or to this one. Small pictures are fused faster side by side, with a thread for each, than
 * one after another by all threads. Pictures that do not fit the memory side by side are fused one after another.
 */
export async function deal(options: DealOptions): Promise<Dealt> {
  const { fuse, setup, most } = options;
  const pairs = Math.max(1, options.listing.pairs.length);
  const batch = Math.min(options.batch, pairs);
  const base = process.memoryUsage.rss();
  const wanted = options.jobs ?? (await jobsFor(options, base));
  // More would wait for each other, or have nothing to do.
  const jobs = Math.min(wanted, availableParallelism(), Math.ceil(pairs / batch));
  const share = { most, base, jobs };
  if (jobs === 1) {
    const fuseChunk = chunkFuser(fuse, setup.options, memoryBudget(fuse, share));
    return { fuseChunk, fuseOnEach: fuseChunk, jobs, batch, lanes: 1, close: async () => {} };
  }
  const pool = openPool({ ...setup, share }, jobs);
  return { ...pool, jobs, batch, lanes: AHEAD * jobs };
}

async function jobsFor({ fuse, listing, setup, most }: DealOptions, base: number): Promise<number> {
  const wanted = Math.min(availableParallelism(), Math.floor(listing.pairs.length / PAIRS_PER_JOB));
  const [first] = listing.pairs;
  // A GPU is one for all threads.
  const shared = setup.provider !== undefined && setup.provider !== 'cpu';
  // A model that does not tell what it takes has all the memory for one pair.
  if (wanted < 2 || !first || shared || !fuse.config) return 1;
  try {
    const { a } = await readPair(first, setup.options.ranges);
    return Math.max(1, Math.min(wanted, wholeAtATime(fuse, { most, base, jobs: wanted }, a)));
  } catch (error) {
    // It is told when its turn comes.
    if (error instanceof RefusionError) return wanted;
    throw error;
  }
}
