import { Tinypool } from 'tinypool';
import { type Job, type Outcome, scoreJob } from './score-job.js';

/** Scores jobs, several at a time. */
export interface Scorer {
  /** How many jobs it should be given at a time, so that no worker waits for the next. */
  readonly lanes: number;
  readonly score: (job: Job) => Promise<Outcome>;
  readonly close: () => Promise<void>;
}

/** Jobs that a worker has at once: it scores one while the pictures of the other are read and decoded beside it. */
const AT_ONCE = 2;
/** Jobs given to each worker, so that the next lies ready. */
const AHEAD = 3;

/**
 * A scorer with worker threads, which read, decode and score on their own; with one worker it is this thread. Outcomes do
 * not depend on the number of workers. Call `close` in a `finally`: threads keep a program alive.
 */
export function openScorer(workers: number): Scorer {
  if (workers === 1) return { lanes: AT_ONCE, score: scoreJob, close: async () => {} };
  const pool = new Tinypool({
    ...threadProgram(),
    runtime: 'worker_threads',
    minThreads: workers,
    maxThreads: workers,
    concurrentTasksPerWorker: AT_ONCE,
  });
  return {
    lanes: AHEAD * workers,
    score: (job) => pool.run(job, { name: 'scoreJob' }),
    close: () => pool.destroy(),
  };
}

/** What a thread runs: beside this file, where this is built; else among the sources, which need a loader. */
function threadProgram(): { filename: string; execArgv?: string[] } {
  if (!import.meta.url.endsWith('.ts')) {
    return { filename: new URL('score-worker.js', import.meta.url).href };
  }
  return {
    filename: new URL('score-worker-source.mjs', import.meta.url).href,
    execArgv: ['--conditions=@refusion/source'],
  };
}
