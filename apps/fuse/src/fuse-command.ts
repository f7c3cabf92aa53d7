import type { Command } from '@refusion/cli';
import { prepareOutputFolder, untilInterrupted } from '@refusion/cli';
import { OptionError } from '@refusion/core';
import { TONES } from '@refusion/pipeline';
import { pairFuser } from './fuse-chunk.js';
import { addOptions, type Options } from './fuse-options.js';
import { fusePairs } from './fuse-pairs.js';
import type { Job } from './job.js';
import { loadNetwork } from './load-network.js';
import { memoryBudget, memoryLimit } from './memory.js';
import { deal } from './pool/deal.js';
import { findSources, given } from './sources.js';
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
  const { quiet = false } = options;
  const weights = given('--weights', options.weights);
  const job = options.video ? videoJob(options, options.video) : await pairsJob(options, weights);
  const { fuse, engine, metadata } = await loadNetwork(weights, {
    name: options.backend ?? options.engine,
    provider: options.provider,
    warn: (sentence) => void (quiet || streams.stderr.write(`fuse: ${sentence}\n`)),
  });
  const task = taskOf(options.task, metadata, weights);
  try {
    if (task !== null && !quiet) streams.stderr.write(`fuse: ${rolesOf(task)}\n`);
    const most = memoryLimit(options.maxMemory, fuse, weights);
    const outcome = await job({ fuse, task, most, engine, quiet, stream: streams.stderr });
    if (options.json) {
      streams.stdout.write(`${JSON.stringify({ weights, engine, task, ...outcome })}\n`);
    }
  } finally {
    fuse.dispose();
  }
}

async function pairsJob(options: Options, weights: string): Promise<Job> {
  const { tone = TONES[0], raw = false, batch = 1 } = options;
  if (tone === 'steady') throw new OptionError('--tone steady is for --video, choose stretch, clip or none');
  const out = given('--out', options.out);
  const sources = await findSources(options, out);
  return async ({ fuse, task, most, engine, quiet, stream }) => {
    await prepareOutputFolder(out);
    const ranges = { a: options.rangeA, b: options.rangeB };
    const pairOptions = { out, raw, tone, ranges, task };
    const showing = { out, quiet, stream };
    if (sources.kind === 'watch') {
      const budget = memoryBudget(fuse, { most, base: process.memoryUsage.rss(), jobs: 1 });
      const fusePair = pairFuser(fuse, pairOptions, budget);
      const { a, b } = sources;
      return untilInterrupted((signal) => fuseWatched(fusePair, { a, b, signal }, showing));
    }
    const { listing } = sources;
    const setup = { weights, engine, provider: options.provider, options: pairOptions };
    const dealing = await deal({ fuse, listing, setup, most, jobs: options.jobs, batch });
    try {
      return await fusePairs(dealing, listing, showing);
    } finally {
      await dealing.close();
    }
  };
}

function rolesOf(task: TaskName): string {
  return `${task}, a is ${TASKS[task].a}, b is ${TASKS[task].b}`;
}
