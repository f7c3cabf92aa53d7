import type { Engine, Tensor } from '@refusion/autodiff';
import { expectOtherFolder, progress } from '@refusion/cli';
import { type NdArray, OptionError, type Params, rng } from '@refusion/core';
import { FUSION_LOSSES } from '@refusion/losses';
import {
  initialState,
  type Theta,
  type TrainingEvent,
  type TrainingSettings,
  train,
  trainingSettings,
} from '@refusion/meta';
import { fusionNetwork, proposalNetwork, reconstructionNetwork } from '@refusion/networks';
import { refusionLearner } from '@refusion/pipeline';
import { loadEngine } from '@refusion/tf';
import { type FixedPair, sourceFolders, type TrainingData, trainingData } from './batches.js';
import { alphaOf, type TrainConfig } from './config.js';
import { openRunFolder, type RunFolder } from './run-folder.js';
import { LossTrend, type TrendSummary } from './trend.js';
import { openView, type ViewOptions } from './view.js';

/** What a finished training says of itself. */
export interface TrainingReport {
  readonly out: string;
  readonly pairs: number;
  readonly metaSteps: number;
  readonly fusionUpdates: number;
  readonly seconds: number;
  /** The mean of each loss over the first and over the last tenth of its updates. */
  readonly losses: { readonly [loss: string]: TrendSummary };
}

export interface TrainingOptions {
  readonly out: string;
  readonly overwrite: boolean;
  readonly quiet: boolean;
  readonly view: ViewOptions;
}

/** Trains as the configuration says and writes the run folder. */
export async function runTraining(config: TrainConfig, options: TrainingOptions): Promise<TrainingReport> {
  const random = rng(config.seed);
  const data = await trainingData(config, random.fork('data'));
  const settings = settingsOf(config, data);
  if (config.data !== 'synthetic') {
    const { a, b } = sourceFolders(config);
    await expectOtherFolder(options.out, { '--a': a, '--b': b });
  }
  const fixed = await data.fixedPair(options.view.pair);
  const engine = await loadEngine(config.engine);
  const folder = await openRunFolder(options.out, config, options.overwrite);
  try {
    const theta = initialTheta(engine, config, random.fork('parameters'));
    return await follow(engine, theta, config, settings, options, data, folder, fixed);
  } finally {
    await folder.close();
  }
}

function initialTheta(engine: Engine, config: TrainConfig, random: ReturnType<typeof rng>): Theta {
  const upload = (params: Params<NdArray>): Params<Tensor> =>
    Object.fromEntries(
      Object.entries(params).map(([name, { data, shape }]) => [name, engine.ops.constant(data, shape)]),
    );
  return {
    fusion: upload(fusionNetwork(config.network).init(random.fork('fusion'))),
    proposal: upload(proposalNetwork(config.network).init(random.fork('proposal'))),
    objective: upload(reconstructionNetwork(config.network).init(random.fork('reconstruction'))),
  };
}

/**
 * The settings of the loop, with the steps of an epoch counted from the data where the user left them open.
 * @throws OptionError if there is nothing to do
 */
function settingsOf(config: TrainConfig, data: TrainingData): TrainingSettings {
  const settings = trainingSettings({
    epochs: config.epochs,
    metaSteps: config.metaSteps ?? defaultMetaSteps(config, data),
    fusionSteps: config.fusionSteps ?? Math.ceil(data.pairs / config.batch),
    innerSteps: config.innerSteps,
    accumulate: config.accumulate,
    rate: config.lr,
    outerRate: config.outerLr,
    eta: config.eta,
    decay: config.decay,
    decayEvery: config.decayEvery,
    outerUpdate: config.outer,
  });
  if (settings.metaSteps + settings.fusionSteps > 0) return settings;
  throw new OptionError('an epoch has no updates, let --meta-steps or --fusion-steps be above 0');
}

/** Once through the meta-train half; none for a fixed loss, which has nothing to learn. */
function defaultMetaSteps(config: TrainConfig, data: TrainingData): number {
  if (FUSION_LOSSES[config.loss].uses.length === 0) return 0;
  return Math.min(600, Math.ceil(data.metaTrain / config.batch));
}

async function follow(
  engine: Engine,
  theta: Theta,
  config: TrainConfig,
  settings: TrainingSettings,
  { out, quiet, view }: TrainingOptions,
  data: TrainingData,
  folder: RunFolder,
  fixed: FixedPair,
): Promise<TrainingReport> {
  const perEpoch = settings.metaSteps + settings.fusionSteps;
  const bar = progress({ label: 'train', total: settings.epochs * perEpoch, quiet });
  for (const problem of data.problems) bar.log(`left out: ${problem}`);
  if (data.problems.length > 0) process.exitCode = 2;
  const trend = new LossTrend();
  const learnerAt = (epoch: number) =>
    refusionLearner({
      loss: FUSION_LOSSES[config.loss],
      alphaF: alphaOf(config, epoch),
      alphaR: config.alphaR,
    });
  const started = performance.now();
  const seconds = (): number => Math.round(performance.now() - started) / 1000;
  const start = initialState(engine.ops, theta);
  const loss = FUSION_LOSSES[config.loss];
  const look = await openView(out, view, fixed, start, { engine, loss, settings, warn: bar.log });
  try {
    for await (const event of train(engine, { learnerAt, batches: data.batches }, settings, start)) {
      await folder.log(event, { seconds: seconds(), tensors: engine.tensorCount() });
      if (event.type === 'epoch-end') await folder.saveWeights(engine, event.state.theta, event.epoch);
      else {
        trend.add(event);
        bar.step(describe(event, settings.epochs));
      }
      await look.observe(event);
    }
  } finally {
    look.close();
    bar.stop();
  }
  return {
    out,
    pairs: data.pairs,
    metaSteps: settings.epochs * settings.metaSteps,
    fusionUpdates: settings.epochs * settings.fusionSteps,
    seconds: seconds(),
    losses: trend.summary(),
  };
}

/** The text beside the progress bar. */
function describe(event: Exclude<TrainingEvent, { type: 'epoch-end' }>, epochs: number): string {
  const where = `epoch ${event.epoch + 1}/${epochs} ${event.type}`;
  const fusion = `fusion ${event.fusion.total.toPrecision(4)}`;
  return event.type === 'meta-step'
    ? `${where}: ${fusion} outer ${event.outer.total.toPrecision(4)}`
    : `${where}: ${fusion} reconstruction ${event.objective.total.toPrecision(4)}`;
}
