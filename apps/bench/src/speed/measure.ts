import { availableParallelism } from 'node:os';
import type { Engine } from '@refusion/autodiff';
import { median } from './median.js';
import { type Workload, type WorkloadSize, workload } from './workload.js';

export interface SpeedOptions extends WorkloadSize {
  /** Timed repetitions of each piece of work, after one that is not timed. */
  readonly runs: number;
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
  /** After each piece of work; there are `3 (runs + 1)`. */
  readonly onRun?: () => void;
  /** Between two rounds, and after the last: a peer's turn. */
  readonly onRound?: () => Promise<void>;
}

/**
 * Times an engine with fresh networks on random images, in rounds of a meta-step, a fusion update and a forward pass.
 * The first round is not counted: it pays for compilation and for memory that the others reuse.
 */
export async function measureSpeed(
  engine: Engine,
  options: SpeedOptions,
  { onRun = () => {}, onRound = async () => {} }: Watch = {},
): Promise<Speed> {
  const { batch, size, runs } = options;
  const work = workload(engine, options);
  const rounds: Seconds[] = [];
  try {
    await timeRound(work, onRun);
    for (let run = 0; run < runs; run++) {
      rounds.push(await timeRound(work, onRun));
      await onRound();
    }
  } finally {
    work.close();
  }
  const middle = (key: keyof Seconds): number => rounded(median(rounds.map((round) => round[key])), 4);
  return {
    engine: engine.name,
    threads: await threadsOf(engine, options),
    batch,
    size,
    meta_s: middle('meta_s'),
    fusion_s: middle('fusion_s'),
    forward_s: middle('forward_s'),
    // maxRSS is in kilobytes.
    peak_gb: rounded(process.resourceUsage().maxRSS / 1e6, 2),
  };
}

async function timeRound({ meta, fusion, forward }: Workload, onRun: () => void): Promise<Seconds> {
  const timed = async (work: () => Promise<void>): Promise<number> => {
    const start = performance.now();
    await work();
    onRun();
    return (performance.now() - start) / 1000;
  };
  return { meta_s: await timed(meta), fusion_s: await timed(fusion), forward_s: await timed(forward) };
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
