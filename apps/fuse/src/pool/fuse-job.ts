import { threadId } from 'node:worker_threads';
import { RefusionError } from '@refusion/core';
import type { Pair } from '@refusion/data/node';
import type { Provider } from '@refusion/onnx/node';
import type { EngineName } from '../engines.js';
import { chunkFuser } from '../fuse-chunk.js';
import type { ChunkFuser, FusedPair, FusePairOptions } from '../fuse-pair.js';
import { loadNetwork } from '../load-network.js';
import { type MemoryShare, memoryBudget } from '../memory.js';

/** What a thread needs to know to fuse: plain data, since it passes between threads. */
export interface Setup {
  readonly weights: string;
  readonly engine: EngineName;
  readonly provider: Provider | undefined;
  readonly options: FusePairOptions;
  readonly share: MemoryShare;
}

export interface FuseJob {
  readonly setup: Setup;
  readonly pairs: readonly Pair[];
}

/** What became of a pair, as data: an error is its sentence. */
export type JobOutcome = { readonly fused: FusedPair } | { readonly sentence: string };

export interface FuseJobResult {
  readonly outcomes: readonly JobOutcome[];
  /** Lines about something odd. */
  readonly lines: readonly string[];
  /** Which thread fused them. */
  readonly thread: number;
}

/** The network of this thread, which starts with its first job. */
let started: Promise<ChunkFuser> | undefined;

/** Fuses pairs in a thread. Whatever the user can mend is in the outcome; a bug is thrown. */
export async function fuseJob({ setup, pairs }: FuseJob): Promise<FuseJobResult> {
  started ??= start(setup);
  const fuseChunk = await started;
  const lines: string[] = [];
  const outcomes = await fuseChunk(pairs, { log: (line) => lines.push(line) });
  return {
    lines,
    thread: threadId,
    outcomes: outcomes.map((outcome) => {
      if ('fused' in outcome) return outcome;
      if (outcome.error instanceof RefusionError) return { sentence: outcome.error.message };
      throw outcome.error;
    }),
  };
}

async function start({ weights, engine, provider, options, share }: Setup): Promise<ChunkFuser> {
  // As many threads in all as there are cores: each picture has one.
  const choice = { name: engine, provider, threads: 1, warn: () => {} };
  const { fuse } = await loadNetwork(weights, choice);
  return chunkFuser(fuse, options, memoryBudget(fuse, share));
}
