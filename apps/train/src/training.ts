import type { Engine } from '@refusion/autodiff';
import { expectOtherFolder, type Progress, progress } from '@refusion/cli';
import { releaseState, type TrainingState } from '@refusion/meta';
import { sourceFolders } from './batches.js';
import { CheckpointKeeper } from './checkpoint-keeper.js';
import type { TrainConfig } from './config.js';
import { startEngine } from './engine.js';
import { type Arrival, follow } from './follow.js';
import { leftOut } from './left-out.js';
import { closeAll, type Observers, openObservers } from './observers.js';
import type { TrainingOptions } from './options.js';
import { type Preparation, prepare } from './preparation.js';
import { expectSameEngine } from './resume.js';
import { prepareNewRun, prepareRun } from './run-folder.js';
import { lockRun } from './run-lock.js';
import { taskOf } from './schedule.js';
import { startingState } from './starting-state.js';
import type { TrendSummary } from './trend.js';
import { partsOfUpdates, updatesAt, updatesOf } from './updates.js';
import { saveWeights } from './weights.js';

/** What a training says of itself at its end. */
export interface TrainingReport {
  readonly out: string;
  readonly pairs: number;
  /** What of the data could not be used, and why, a sentence each. */
  readonly problems: readonly string[];
  readonly metaSteps: number;
  readonly fusionUpdates: number;
  readonly seconds: number;
  /** Null, or after which update of how many somebody stopped it. */
  readonly stopped: { readonly update: number; readonly of: number } | null;
  /** The mean of each loss over the first and over the last tenth of its updates. */
  readonly losses: { readonly [loss: string]: TrendSummary };
}

/**
 * Trains as the configuration says and writes the run folder.
 * @throws RefusionError if something is wrong with the data, the folder or the configuration, or goes wrong on the way;
 * what was trained is then saved
 */
export async function runTraining(config: TrainConfig, options: TrainingOptions): Promise<TrainingReport> {
  if (config.data !== 'synthetic') {
    const { a, b } = sourceFolders(config);
    await expectOtherFolder(options.out, { '--a': a, '--b': b });
  }
  const lock = await lockRun(options.out);
  try {
    return await trainAlone(config, options);
  } finally {
    await lock.release();
  }
}

async function trainAlone(config: TrainConfig, options: TrainingOptions): Promise<TrainingReport> {
  const preparation = await prepare(config, options);
  const { checkpoint, notes, label } = preparation;
  const prepared = { ...preparation, options };
  if (options.engine) return trainOn(options.engine, config, prepared);
  // Before the progress is shown, what is to be told waits for it.
  const voice: Voice = { say: (line) => notes.push(line) };
  const aside = (line: string): unknown => options.quiet || voice.say(line);
  const engine = await startEngine({
    ...config,
    // One that is left open is the one that the training was begun on.
    engine: config.engine ?? checkpoint?.config.engine ?? null,
    warn: (line) => voice.say(line),
    onPreparing: aside,
  });
  if (engine.remark) aside(engine.remark);
  if (config.workers !== null && engine.name !== 'onnx') {
    voice.say(`${label('workers')} is for the engine onnx and changes nothing on ${engine.name}`);
  }
  try {
    return await trainOn(engine, { ...config, engine: engine.name }, prepared, voice);
  } finally {
    await engine.close?.();
  }
}

/** Who tells the user something. */
interface Voice {
  say: (line: string) => unknown;
}

interface Prepared extends Preparation {
  readonly options: TrainingOptions;
}

/** Writes the run folder and trains; `voice` is given the progress to speak by. */
async function trainOn(
  engine: Engine,
  config: TrainConfig,
  prepared: Prepared,
  voice?: Voice,
): Promise<TrainingReport> {
  const { options, checkpoint, damaged, settings, data, notes, random } = prepared;
  options.stop?.throwIfAborted();
  if (checkpoint) expectSameEngine(options.out, checkpoint, engine);
  else await prepareNewRun(options.out, options.overwrite ?? false);
  await prepareRun(options.out, config, damaged);
  notes.push(...(await leftOut(options.out, data.problems)));
  const held = { state: startingState(engine, config, checkpoint, random) };
  const initial = updatesAt(held.state.position, settings);
  const total = settings.epochs * updatesOf(settings);
  const bar = progress({ label: 'train', total, initial, quiet: options.quiet ?? false });
  if (checkpoint) notes.push(`going on after update ${initial} of ${total}`);
  try {
    for (const note of notes) bar.log(note);
    if (voice) voice.say = bar.log;
    return await journey({ ...prepared, config, engine, held, bar, total });
  } finally {
    bar.stop();
    releaseState(engine, held.state);
  }
}

interface Ready extends Prepared {
  readonly config: TrainConfig;
  readonly engine: Engine;
  readonly held: { state: TrainingState };
  readonly bar: Progress;
  readonly total: number;
}

/** Sets the observers up, follows the training, and reports. */
async function journey(ready: Ready): Promise<TrainingReport> {
  const { options, data, settings, total } = ready;
  const observers = await openObservers({ ...ready, start: ready.held.state });
  let arrival: Arrival;
  try {
    arrival = await followed(ready, observers);
  } catch (error) {
    // What ended the training says more than what could not be closed after it.
    await closeAll(observers.all).catch(() => {});
    throw error;
  }
  await closeAll(observers.all);
  return {
    out: options.out,
    pairs: data.pairs,
    problems: data.problems,
    ...partsOfUpdates(arrival.updates, settings),
    seconds: arrival.seconds,
    stopped: arrival.stopped && arrival.updates < total ? { update: arrival.updates, of: total } : null,
    losses: observers.trend.summary(),
  };
}

async function followed(ready: Ready, observers: Observers): Promise<Arrival> {
  const { config, options, checkpoints, checkpoint, data, settings, engine, held, bar, label } = ready;
  const { out, stop, stopping = 'stopping after this step' } = options;
  const { log, secondsBefore } = observers;
  const keeper = new CheckpointKeeper({ engine, config, settings, checkpoints, log, pairs: data.mark });
  if (checkpoint) keeper.goesOnFrom(updatesAt(held.state.position, settings));
  const { epoch, phase, step } = held.state.position;
  // A program killed right here may have left weights that are older than its checkpoint.
  if (epoch > 0 && phase === 'meta' && step === 0)
    await saveWeights(out, config, engine, held.state.theta, epoch);
  const tell = (): void => bar.log(stopping);
  stop?.addEventListener('abort', tell);
  try {
    return await follow({
      engine,
      task: taskOf(config, data),
      settings,
      held,
      observers: observers.all,
      keeper,
      ...(stop && { stop }),
      secondsBefore,
      howToGoOn: `--out ${out} --resume`,
      seed: config.seed,
      lessMemory: config.recompute ? null : label('recompute'),
    });
  } finally {
    stop?.removeEventListener('abort', tell);
  }
}
