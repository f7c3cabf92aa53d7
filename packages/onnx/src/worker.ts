// What the engine's worker threads run: jobs, one after another, with sessions of their own.
import { parentPort } from 'node:worker_threads';
import { RefusionError } from '@refusion/core';
import type { Arrays } from './node/engine/places.js';
import { type Job, Sessions } from './node/engine/sessions.js';

/** What came of a job: arrays, or the sentence that says why not. */
export type Outcome = { readonly outputs: Arrays } | { readonly problem: string };

const sessions = new Sessions();

parentPort?.on('message', async (job: Job) => {
  parentPort?.postMessage(await outcomeOf(job));
});

/** Errors for users are told from mistakes, which end the thread. */
async function outcomeOf(job: Job): Promise<Outcome> {
  try {
    return { outputs: await sessions.run(job) };
  } catch (error) {
    if (error instanceof RefusionError) return { problem: error.message };
    throw error;
  }
}
