import type { Command } from '@refusion/cli';
import { prepareOutputFolder, untilInterrupted } from '@refusion/cli';
import { readWeights } from '@refusion/networks/node';
import { pipeline } from '@refusion/pipeline';
import { startEngine } from './engines.js';
import { addOptions, type Options } from './fuse-options.js';
import { type PairFuser, pairFuser } from './fuse-pair.js';
import { fusePairs, type Outcome, type Showing } from './fuse-pairs.js';
import { defaultMemory, memoryBudget } from './memory.js';
import { findSources, given, type Sources } from './sources.js';
import type { Streams } from './streams.js';
import { TASKS, type TaskName, taskOf } from './tasks.js';
import { fuseWatched } from './watch/fuse-watched.js';

/** Makes fusing what the program does where no command is named. */
export function addFuse(program: Command, streams: Streams): void {
  addOptions(program);
  program.action((options: Options) => fuseCommand(options, streams));
}

async function fuseCommand(options: Options, { stdout, stderr }: Streams): Promise<void> {
  const { tone, raw = false, quiet = false } = options;
  const weights = given('--weights', options.weights);
  const out = given('--out', options.out);
  const sources = await findSources(options, out);
  const engine = await startEngine(options.backend ?? options.engine);
  const { tensors, metadata } = await readWeights(weights);
  const task = taskOf(options.task, metadata, weights);
  const fuse = await pipeline({ weights: tensors, engine, name: weights });
  await prepareOutputFolder(out);
  if (task !== null && !quiet) stderr.write(`fuse: ${rolesOf(task)}\n`);
  const ranges = { a: options.rangeA, b: options.rangeB };
  const budget = memoryBudget(fuse, options.maxMemory ?? defaultMemory());
  const fusePair = pairFuser(fuse, { out, raw, tone, ranges, task, budget });
  const outcome = await fuseAll(fusePair, sources, { out, quiet, stream: stderr });
  fuse.dispose();
  if (options.json) stdout.write(`${JSON.stringify({ weights, engine: engine.name, task, ...outcome })}\n`);
}

function rolesOf(task: TaskName): string {
  return `${task}, a is ${TASKS[task].a}, b is ${TASKS[task].b}`;
}

function fuseAll(fusePair: PairFuser, sources: Sources, showing: Showing): Promise<Outcome> {
  if (sources.kind === 'listing') return fusePairs(fusePair, sources.listing, showing);
  const { a, b } = sources;
  return untilInterrupted((signal) => fuseWatched(fusePair, { a, b, signal }, showing));
}
