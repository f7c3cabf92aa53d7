import { RefusionError } from '@refusion/core';
import { outliveThreads } from '@refusion/core/node';
import { Tinypool } from 'tinypool';
import type { ChunkFuser, PairOutcome } from '../fuse-pair.js';
import type { FuseJob, FuseJobResult, JobOutcome, Setup } from './fuse-job.js';
import { reachAll } from './reach-all.js';

/** Fuses chunks of pairs in threads, each with an engine of its own. */
export interface Pool {
  readonly fuseChunk: ChunkFuser;
  /** Fuses a chunk on every thread, on some perhaps twice. */
  readonly fuseOnEach: ChunkFuser;
  readonly close: () => Promise<void>;
}

/** A pool of so many threads. Call `close` in a `finally`: threads keep a program alive. */
export function openPool(setup: Setup, jobs: number): Pool {
  outliveThreads();
  const pool = new Tinypool({
    ...threadProgram(),
    runtime: 'worker_threads',
    minThreads: jobs,
    maxThreads: jobs,
  });
  const told = new Set<string>();
  const run = async (pairs: FuseJob['pairs']): Promise<FuseJobResult> => {
    const job: FuseJob = { setup, pairs };
    return (await pool.run(job, { name: 'fuseJob' })) as FuseJobResult;
  };
  return {
    fuseOnEach: async (pairs) => {
      const { outcomes } = await reachAll(jobs, () => run(pairs));
      return outcomes.map(outcomeOf);
    },
    fuseChunk: async (pairs, { log }) => {
      const { outcomes, lines } = await run(pairs);
      for (const line of lines) {
        // Each thread says once what is to be said once.
        const about = pairs.reduce((text, { stem }) => text.replace(`${stem}: `, ''), line);
        if (!told.has(about)) log(line);
        told.add(about);
      }
      return outcomes.map(outcomeOf);
    },
    close: () => pool.destroy(),
  };
}

function outcomeOf(outcome: JobOutcome): PairOutcome {
  return 'fused' in outcome ? outcome : { error: new RefusionError(outcome.sentence) };
}

/** What a thread runs: beside this file, where this is built; else among the sources, which need a loader. */
function threadProgram(): { filename: string; execArgv?: string[] } {
  if (!import.meta.url.endsWith('.ts')) {
    return { filename: new URL('fuse-worker.js', import.meta.url).href };
  }
  return {
    filename: new URL('fuse-worker-source.mjs', import.meta.url).href,
    execArgv: ['--conditions=@refusion/source'],
  };
}
