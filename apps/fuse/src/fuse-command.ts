import type { Command } from '@refusion/cli';
import { prepareOutputFolder, untilInterrupted } from '@refusion/cli';
import { OptionError } from '@refusion/core';
import { TONES } from '@refusion/pipeline';
import { addOptions, type Options } from './fuse-options.js';
import { type PairFuser, pairFuser } from './fuse-pair.js';
import { fusePairs, type Outcome, type Showing } from './fuse-pairs.js';
import type { Job } from './job.js';
import { loadNetwork } from './load-network.js';
import { defaultMemory, memoryBudget } from './memory.js';
import { findSources, given, type Sources } from './sources.js';
import type { Streams } from './streams.js';
import { TASKS, type TaskName, taskOf } from './tasks.js';
import { videoJob } from './video/video-job.js';
import { fuseWatched } from './watch/fuse-watched.js';

/** Makes fusing what the program does where no command is named. */
export function addFuse(program: Command, streams: Streams): void {
  addOptions(program);
  program.action((options: Options) => fuseCommand(options, streams));
}

async function fuseCommand(options: Options, streams: Streams): Promise<void> {
  const weights = given('--weights', options.weights);
  const job = options.video ? videoJob(options, options.video) : await pairsJob(options);
  const { fuse, engine, metadata } = await loadNetwork(weights, {
    name: options.backend ?? options.engine,
    provider: options.provider,
    warn: (sentence) => streams.stderr.write(`fuse: ${sentence}\n`),
  });
  const task = taskOf(options.task, metadata, weights);
  try {
    const { quiet = false } = options;
    if (task !== null && !quiet) streams.stderr.write(`fuse: ${rolesOf(task)}\n`);
    const budget = memoryBudget(fuse, options.maxMemory ?? defaultMemory());
    const outcome = await job({ fuse, task, budget, quiet, stream: streams.stderr });
    if (options.json) {
      streams.stdout.write(`${JSON.stringify({ weights, engine, task, ...outcome })}\n`);
    }
  } finally {
    fuse.dispose();
  }
}

async function pairsJob(options: Options): Promise<Job> {
  const { tone = TONES[0], raw = false } = options;
  if (tone === 'steady') throw new OptionError('--tone steady is for --video, choose stretch, clip or none');
  const out = given('--out', options.out);
  const sources = await findSources(options, out);
  return async ({ fuse, task, budget, quiet, stream }) => {
    await prepareOutputFolder(out);
    const ranges = { a: options.rangeA, b: options.rangeB };
    const fusePair = pairFuser(fuse, { out, raw, tone, ranges, task, budget });
    return fuseAll(fusePair, sources, { out, quiet, stream });
  };
}

function rolesOf(task: TaskName): string {
  return `${task}, a is ${TASKS[task].a}, b is ${TASKS[task].b}`;
}

function fuseAll(fusePair: PairFuser, sources: Sources, showing: Showing): Promise<Outcome> {
  if (sources.kind === 'listing') return fusePairs(fusePair, sources.listing, showing);
  const { a, b } = sources;
  return untilInterrupted((signal) => fuseWatched(fusePair, { a, b, signal }, showing));
}
