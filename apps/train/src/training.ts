import { join } from 'node:path';
import type { Engine } from '@refusion/autodiff';
import { expectOtherFolder, type Progress, progress, untilInterrupted } from '@refusion/cli';
import { OptionError, type Rng, rng } from '@refusion/core';
import { FUSION_LOSSES } from '@refusion/losses';
import type { TrainingSettings } from '@refusion/meta';
import { type FixedPair, sourceFolders, type TrainingData, trainingData } from './batches.js';
import type { Checkpoint, DamageError } from './checkpoint-file.js';
import { CheckpointKeeper } from './checkpoint-keeper.js';
import { Checkpoints } from './checkpoints.js';
import type { TrainConfig } from './config.js';
import { startEngine } from './engine.js';
import { openLog } from './event-log.js';
import { follow } from './follow.js';
import { leftOut } from './left-out.js';
import type { TrainingObserver } from './observer.js';
import { progressLine } from './progress-line.js';
import { expectSameEngine, goingOn } from './resume.js';
import { LOG_FILE, prepareNewRun, prepareRun } from './run-folder.js';
import { lockRun } from './run-lock.js';
import { settingsOf, taskOf } from './schedule.js';
import { checkpointState, freshState } from './starting-state.js';
import { LossTrend, type TrendSummary } from './trend.js';
import { partsOfUpdates, updatesAt, updatesOf } from './updates.js';
import { openView, type ViewOptions } from './view.js';
import { saveWeights } from './weights.js';

/** What a training says of itself at its end. */
export interface TrainingReport {
  readonly out: string;
  readonly pairs: number;
  readonly metaSteps: number;
  readonly fusionUpdates: number;
  readonly seconds: number;
  /** Null, or after which update of how many somebody stopped it. */
  readonly stopped: { readonly update: number; readonly of: number } | null;
  /** The mean of each loss over the first and over the last tenth of its updates. */
  readonly losses: { readonly [loss: string]: TrendSummary };
}

export interface TrainingOptions {
  /** The run folder. */
  readonly out: string;
  /** Replace what the folder holds. Default false. */
  readonly overwrite?: boolean;
  /** Go on from the folder's newest checkpoint; without one, begin. Default false. */
  readonly resume?: boolean;
  /** Show no progress. Default false. */
  readonly quiet?: boolean;
  /** How the training can be looked at. Default: not at all. */
  readonly view?: ViewOptions;
  /** What is to be told before the training begins, a line each. */
  readonly notes?: readonly string[];
  /** What messages call a setting, or `watchPair` of the view. Default: its name. */
  readonly label?: (setting: string) => string;
  /** An engine of one's own in place of the configuration's. */
  readonly engine?: Engine;
  /** Further observers: they see every event before a checkpoint is made of it. */
  readonly observers?: readonly TrainingObserver[];
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
  const notes = [...(options.notes ?? [])];
  const checkpoints = new Checkpoints(options.out);
  const { checkpoint = null, damaged = [] } = (options.resume && (await checkpoints.newest())) || {};
  for (const { message } of damaged) notes.push(`${message}; going on from the checkpoint before it`);
  if (checkpoint) notes.push(...goingOn(options.out, checkpoint, config));
  const random = rng(config.seed);
  const { label = inCode, quiet = false } = options;
  const data = await trainingData(config, random.fork('data'), { label, quiet });
  if (checkpoint) expectSamePairs(options.out, checkpoint, data);
  const settings = settingsOf(config, data, label);
  const fixed = options.view ? await data.fixedPair(options.view.pair) : null;
  const prepared = { options, checkpoints, checkpoint, damaged, data, settings, fixed, notes, random };
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

const inCode = (setting: string): string => `runTraining: ${setting === 'watchPair' ? 'view.pair' : setting}`;

/** Who tells the user something. */
interface Voice {
  say: (line: string) => unknown;
}

interface Opened {
  readonly options: TrainingOptions;
  readonly checkpoints: Checkpoints;
  readonly checkpoint: Checkpoint | null;
  readonly damaged: readonly DamageError[];
  readonly data: TrainingData;
  readonly settings: TrainingSettings;
  readonly fixed: FixedPair | null;
}

/** Writes the run folder and trains; `voice` is given the progress to speak by. */
async function trainOn(
  engine: Engine,
  config: TrainConfig,
  { random, notes, ...opened }: Opened & { readonly notes: string[]; readonly random: Rng },
  voice?: Voice,
): Promise<TrainingReport> {
  const { options, checkpoint, damaged, settings, data } = opened;
  if (checkpoint) expectSameEngine(options.out, checkpoint, engine);
  else await prepareNewRun(options.out, options.overwrite ?? false);
  await prepareRun(options.out, config, damaged);
  const start = checkpoint
    ? checkpointState(engine, config, checkpoint)
    : freshState(engine, config, random.fork('parameters'));
  const initial = updatesAt(start.position, settings);
  const total = settings.epochs * updatesOf(settings);
  const bar = progress({ label: 'train', total, initial, quiet: options.quiet ?? false });
  notes.push(...(await leftOut(options.out, data.problems)));
  if (checkpoint) notes.push(`going on after update ${initial} of ${total}`);
  try {
    tell(bar, notes, data);
    if (voice) voice.say = bar.log;
    return await journey({ ...opened, config, engine, start, bar, total });
  } finally {
    bar.stop();
  }
}

interface Prepared extends Opened {
  readonly config: TrainConfig;
  readonly engine: Engine;
  readonly start: ReturnType<typeof freshState>;
  readonly bar: Progress;
  readonly total: number;
}

/** Opens the log, sets the observers up, and follows the training. */
async function journey(prepared: Prepared): Promise<TrainingReport> {
  const { config, options, checkpoints, checkpoint, data, settings, engine, start, bar, total } = prepared;
  const { out } = options;
  const { log, kept } = await openLog(join(out, LOG_FILE), checkpoint?.logBytes ?? 0);
  const trend = new LossTrend();
  for (const line of kept) trend.add(line);
  const keeper = new CheckpointKeeper({ engine, config, settings, checkpoints, log, pairs: data.mark });
  if (checkpoint) keeper.goesOnFrom(updatesAt(start.position, settings));
  const secondsBefore = kept.at(-1)?.seconds ?? 0;
  // The places from which a training is watched: each is told of every event, in this order.
  const observers: TrainingObserver[] = [
    log,
    trend,
    progressLine(bar, settings, secondsBefore),
    weightsWriter(out, config, engine),
    ...(await viewOf(prepared)),
    ...(options.observers ?? []),
  ];
  try {
    const { epoch, phase, step } = start.position;
    // A program killed right here may have left weights that are older than its checkpoint.
    if (epoch > 0 && phase === 'meta' && step === 0)
      await saveWeights(out, config, engine, start.theta, epoch);
    const arrival = await untilInterrupted((stop) => {
      stop.addEventListener('abort', () => bar.log('stopping after this step; once more stops at once'));
      const { seed } = config;
      const task = taskOf(config, data);
      const howToGoOn = `--out ${out} --resume`;
      return follow({
        engine,
        task,
        settings,
        start,
        observers,
        keeper,
        stop,
        secondsBefore,
        howToGoOn,
        seed,
      });
    });
    return {
      out,
      pairs: data.pairs,
      ...partsOfUpdates(arrival.updates, settings),
      seconds: arrival.seconds,
      stopped: arrival.stopped && arrival.updates < total ? { update: arrival.updates, of: total } : null,
      losses: trend.summary(),
    };
  } finally {
    for (const observer of observers) await observer.close?.();
  }
}

/** The observer that makes pictures of the fixed pair and serves the page; none where nobody wants to look. */
async function viewOf({
  config,
  options,
  fixed,
  settings,
  engine,
  start,
  bar,
}: Prepared): Promise<TrainingObserver[]> {
  if (!options.view || !fixed) return [];
  const loss = FUSION_LOSSES[config.loss];
  return [await openView(options.out, options.view, fixed, start, { engine, loss, settings, warn: bar.log })];
}

function weightsWriter(out: string, config: TrainConfig, engine: Engine): TrainingObserver {
  return {
    event: async ({ type, epoch, state }) => {
      if (type === 'epoch-end') await saveWeights(out, config, engine, state.theta, epoch + 1);
    },
  };
}

/** @throws OptionError if the pairs are not those that the checkpoint has seen */
function expectSamePairs(out: string, { pairs }: Checkpoint, { mark }: TrainingData): void {
  if (pairs.sha256 === mark.sha256) return;
  throw new OptionError(
    `${out}: cannot go on with other pairs than it began with (${pairs.count} then, ${mark.count} now, by name and size); restore them, or begin another run`,
  );
}

function tell(bar: Progress, notes: readonly string[], data: TrainingData): void {
  for (const note of notes) bar.log(note);
  if (data.problems.length > 0) process.exitCode = 2;
}
