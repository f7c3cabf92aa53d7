import { availableParallelism } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { Engine } from '@refusion/autodiff';
import { median } from './median.js';
import { type WorkloadSize, workload } from './workload.js';

export interface SpeedOptions extends WorkloadSize {
  /** Timed repetitions of each piece of work in a round, after one that is not timed. */
  readonly runs: number;
  /** How often all of that is done. Default 1. */
  readonly rounds?: number;
  /** Threads that `onnx` was told to spread batches over. */
  readonly workers?: number;
}

/** Seconds of each piece of work; the keys are those of the PyTorch peer's benchmark. */
export interface Seconds {
  /** A meta-step. */
  readonly meta_s: number;
  /** A fusion update. */
  readonly fusion_s: number;
  /** Fusing one pair. */
  readonly forward_s: number;
}

/** Median seconds, and of what. */
export interface Speed extends Seconds {
  readonly engine: string;
  readonly threads: number;
  readonly batch: number;
  readonly size: number;
  /** The most memory that this process has had, in GB (10^9 bytes). */
  readonly peak_gb: number;
}

/** What happens while an engine is timed. */
export interface Watch {
  /** After each piece of work; there are `3 (runs + 1)` a round. */
  readonly onRun?: () => void;
  /** After each round: a peer's turn. */
  readonly onRound?: () => Promise<void>;
}

/** The pieces of work, in the order in which they are timed. */
const PIECES = ['meta', 'fusion', 'forward'] as const;

/**
 * Times an engine with fresh networks on random images. In a round each piece of work is done several times in a row, as
 * it comes in a training; the first time is not counted, which pays for compilation and for memory that has grown cold.
 */
export async function measureSpeed(
  engine: Engine,
  options: SpeedOptions,
  { onRun = () => {}, onRound = async () => {} }: Watch = {},
): Promise<Speed> {
  const { batch, size, runs, rounds = 1 } = options;
  const work = workload(engine, options);
  const seconds = { meta: [] as number[], fusion: [] as number[], forward: [] as number[] };
  try {
    for (let round = 0; round < rounds; round++) {
      for (const piece of PIECES) seconds[piece].push(...(await repeated(work[piece], runs, onRun)));
      await onRound();
    }
  } finally {
    work.close();
  }
  const middle = (piece: (typeof PIECES)[number]): number => rounded(median(seconds[piece]), 4);
  return {
    engine: engine.name,
    threads: await threadsOf(engine, options),
    batch,
    size,
    meta_s: middle('meta'),
    fusion_s: middle('fusion'),
    forward_s: middle('forward'),
    // maxRSS is in kilobytes.
    peak_gb: rounded(process.resourceUsage().maxRSS / 1e6, 2),
  };
}

/** The seconds of some work, after it was done once. */
async function repeated(work: () => Promise<void>, runs: number, onRun: () => void): Promise<number[]> {
  const seconds: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const start = performance.now();
    await work();
    if (run > 0) seconds.push((performance.now() - start) / 1000);
    onRun();
    // Engines that compute in this thread may not let go of it by themselves, and Ctrl+C waits.
    await setImmediate();
  }
  return seconds;
}

/** Threads of the processor that an engine computes with. */
async function threadsOf({ name }: Engine, { threads, workers }: SpeedOptions): Promise<number> {
  if (name === 'tensorflow') return threads ?? availableParallelism();
  if (name.startsWith('onnx')) return workers ?? availableParallelism();
  if (name !== 'wasm') return 1;
  const { getThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
  return getThreadsCount();
}

function rounded(value: number, places: number): number {
  return Number(value.toFixed(places));
}
