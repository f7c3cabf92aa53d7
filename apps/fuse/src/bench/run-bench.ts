import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileError } from '@refusion/core';
import { outliveThreads } from '@refusion/core/node';
import type { PairListing } from '@refusion/data/node';
import type { EngineChoice, EngineName } from '../engines.js';
import { fusePairs, type Outcome, type Showing } from '../fuse-pairs.js';
import { loadNetwork } from '../load-network.js';
import { memoryLimit } from '../memory.js';
import { deal } from '../pool/deal.js';
import { percentile } from './percentile.js';
import { unfused, warmUp } from './warm-up.js';

export interface BenchOptions {
  readonly weights: string;
  readonly choice: EngineChoice;
  readonly listing: PairListing;
  /** The most that the process may take, in bytes. */
  readonly maxMemory: number | undefined;
  readonly jobs: number | undefined;
  readonly batch: number;
  /** How many times all pairs are fused. */
  readonly rounds: number;
  readonly showing: Omit<Showing, 'out'>;
}

/** How fast pairs were fused, reading and writing included. */
export interface BenchResult {
  readonly engine: EngineName;
  readonly jobs: number;
  readonly batch: number;
  readonly pairs: number;
  readonly megapixels: number;
  readonly seconds: number;
  readonly pairsPerSecond: number;
  readonly megapixelsPerSecond: number;
  /** Of a pair, from reading its sources to having written the result, in seconds. */
  readonly latency: { readonly p50: number; readonly p90: number; readonly p99: number };
  /** The process's peak resident size, in bytes. */
  readonly peakMemory: number;
}

/**
 * Fuses pairs as the program does, into a folder that is removed afterwards, and tells how fast. Before the clock starts,
 * each thread fuses some, so that its engine has started and compiled what folders of one size, or of many, are fused by.
 * @throws FileError if a pair cannot be fused: a mean over the others would mean something else
 */
export async function runBench({ weights, choice, listing, ...options }: BenchOptions): Promise<BenchResult> {
  const { maxMemory, jobs, batch, rounds, showing } = options;
  if (listing.pairs.length === 0) throw new FileError('bench: there is no pair to fuse');
  const out = await mkdtemp(join(tmpdir(), 'refusion-bench-'));
  const remove = (): void => rmSync(out, { recursive: true, force: true });
  // First, so that at the end of the process no thread writes into what is removed.
  outliveThreads();
  process.once('exit', remove);
  const { fuse, engine } = await loadNetwork(weights, choice);
  try {
    const pairOptions = { out, raw: false, tone: 'stretch', ranges: {}, task: null } as const;
    const setup = { weights, engine, provider: choice.provider, options: pairOptions };
    const most = memoryLimit(maxMemory, fuse, weights);
    const dealing = await deal({ fuse, listing, setup, most, jobs, batch });
    const run = async (pairs: PairListing['pairs'], quiet: boolean): Promise<Outcome['fused']> => {
      const { fused, failed } = await fusePairs(
        dealing,
        { pairs, problems: [] },
        { ...showing, quiet, out: null },
      );
      if (failed[0]) throw unfused(failed[0].stem, failed[0].message);
      return fused;
    };
    try {
      await warmUp(dealing, listing.pairs);
      const fused: Outcome['fused'][number][] = [];
      const start = performance.now();
      for (let i = 0; i < rounds; i++) fused.push(...(await run(listing.pairs, showing.quiet)));
      const seconds = (performance.now() - start) / 1000;
      return { engine, jobs: dealing.jobs, batch: dealing.batch, ...figures(fused, seconds) };
    } finally {
      await dealing.close();
    }
  } finally {
    fuse.dispose();
    process.off('exit', remove);
    remove();
  }
}

function figures(fused: Outcome['fused'], seconds: number): Omit<BenchResult, 'engine' | 'jobs' | 'batch'> {
  const megapixels = fused.reduce((sum, { width, height }) => sum + width * height, 0) / 1e6;
  const times = fused.map((pair) => pair.seconds);
  return {
    pairs: fused.length,
    megapixels,
    seconds,
    pairsPerSecond: fused.length / seconds,
    megapixelsPerSecond: megapixels / seconds,
    latency: { p50: percentile(times, 0.5), p90: percentile(times, 0.9), p99: percentile(times, 0.99) },
    peakMemory: process.resourceUsage().maxRSS * 1024,
  };
}
