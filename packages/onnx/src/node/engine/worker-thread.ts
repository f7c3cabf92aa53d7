import { Worker, type WorkerOptions } from 'node:worker_threads';
import { RefusionError } from '@refusion/core';
import { outliveThreads } from '@refusion/core/node';
import type { Outcome } from '../../worker.js';
import type { Arrays } from './places.js';
import type { PoolLane } from './pool.js';
import type { Job } from './sessions.js';

/** A module, and how a thread is to be started with it. */
export interface ThreadProgram {
  readonly url: URL;
  readonly options?: WorkerOptions;
}

interface Waiting {
  readonly resolve: (outputs: Arrays) => void;
  readonly reject: (error: RefusionError) => void;
}

/** One thread of its own, which does one job at a time. While it does none it keeps no program alive. */
export class WorkerThread implements PoolLane {
  private readonly worker: Worker;
  private waiting: Waiting | null = null;
  private death: RefusionError | null = null;

  /** @param program what it runs: a module that answers every job by an outcome */
  constructor({ url, options }: ThreadProgram = threadProgram()) {
    outliveThreads();
    this.worker = new Worker(url, options);
    this.worker.unref();
    this.worker.on('message', (outcome: Outcome) => this.answer(outcome));
    this.worker.on('error', (cause: Error) => this.end(cause.message, cause));
    this.worker.on('exit', (code) => this.end(`exit code ${code}`));
  }

  get ended(): boolean {
    return this.death !== null;
  }

  /** Call it again only when the job before has ended. */
  run(job: Job): Promise<Arrays> {
    if (this.death) return Promise.reject(this.death);
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.worker.ref();
      this.worker.postMessage(job);
    });
  }

  /** Call it only when the last job has ended: see `outliveThreads`. */
  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private answer(outcome: Outcome): void {
    const { waiting } = this;
    this.waiting = null;
    this.worker.unref();
    if ('outputs' in outcome) waiting?.resolve(outcome.outputs);
    else waiting?.reject(new RefusionError(outcome.problem));
  }

  private end(reason: string, cause?: Error): void {
    const [line = reason] = reason.split('\n');
    this.death ??= new RefusionError(
      `onnx: a worker thread has ended (${line}); take fewer workers, each needs memory, and 1 needs no thread`,
      { cause },
    );
    this.waiting?.reject(this.death);
    this.waiting = null;
  }
}

/** What a thread runs: beside this file, where this is built; else among the sources, which need a loader. */
function threadProgram(): ThreadProgram {
  if (!import.meta.url.endsWith('.ts')) {
    // Threads inherit the options of the program, of which this one is not for files.
    const isTyped = process.execArgv.some((option) => option.startsWith('--input-type'));
    return { url: new URL('./worker.js', import.meta.url), options: isTyped ? { execArgv: [] } : {} };
  }
  return {
    url: new URL('../../worker-source.mjs', import.meta.url),
    options: { execArgv: ['--conditions=@refusion/source'] },
  };
}
