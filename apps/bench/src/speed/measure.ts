import type { Engine } from '@refusion/autodiff';
import { median } from './median.js';
import { type WorkloadSize, workload } from './workload.js';

export interface SpeedOptions extends WorkloadSize {
  /** Timed repetitions of each piece of work, after one that is not timed. */
  readonly runs: number;
}

/** Median seconds; the keys are those of the PyTorch peer's benchmark. */
export interface Speed {
  readonly engine: string;
  readonly threads: number;
  readonly batch: number;
  readonly size: number;
  /** A meta-step. */
  readonly meta_s: number;
  /** A fusion update. */
  readonly fusion_s: number;
  /** Fusing one pair. */
  readonly forward_s: number;
  /** The most memory that this process has had, in GB (10^9 bytes). */
  readonly peak_gb: number;
}

/**
 * Times an engine with fresh networks on random images.
 * @param onRun called after each run, of which there are `3 (runs + 1)`
 */
export async function measureSpeed(
  engine: Engine,
  options: SpeedOptions,
  onRun: () => void = () => {},
): Promise<Speed> {
  const { batch, size, runs } = options;
  const { meta, fusion, forward } = workload(engine, options);
  const timed = (work: () => Promise<void>): Promise<number> => medianSeconds(work, runs, onRun);
  return {
    engine: engine.name,
    threads: await threadsOf(engine),
    batch,
    size,
    meta_s: await timed(meta),
    fusion_s: await timed(fusion),
    forward_s: await timed(forward),
    // maxRSS is in kilobytes.
    peak_gb: rounded(process.resourceUsage().maxRSS / 1e6, 2),
  };
}

async function threadsOf({ name }: Engine): Promise<number> {
  if (name !== 'wasm') return 1;
  const { getThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
  return getThreadsCount();
}

async function medianSeconds(work: () => Promise<void>, runs: number, onRun: () => void): Promise<number> {
  const seconds: number[] = [];
  for (let run = 0; run <= runs; run++) {
    const start = performance.now();
    await work();
    seconds.push((performance.now() - start) / 1000);
    onRun();
  }
  // The first run pays for compilation and for memory that the others reuse.
  return rounded(median(seconds.slice(1)), 4);
}

function rounded(value: number, places: number): number {
  return Number(value.toFixed(places));
}
