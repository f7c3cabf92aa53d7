import { OptionError } from '@refusion/core';
import { FUSION_LOSSES } from '@refusion/losses';
import { scheduledLearner, type TrainingSettings, type TrainingTask, trainingSettings } from '@refusion/meta';
import { refusionLearner } from '@refusion/pipeline';
import type { TrainingData } from './batches.js';
import { alphaOf, type TrainConfig } from './config.js';
import type { Layer } from './configure.js';

/** What a configuration learns, and from what. */
export function taskOf(config: TrainConfig, { batches }: Pick<TrainingData, 'batches'>): TrainingTask {
  const { loss, alphaR, recompute } = config;
  const learnerAt = scheduledLearner(
    (epoch) => ({ alphaF: alphaOf(config, epoch) }),
    ({ alphaF }) => refusionLearner({ loss: FUSION_LOSSES[loss], alphaF, alphaR, recompute }),
  );
  return { learnerAt, batches };
}

/** How many pairs there are. */
type Sizes = Pick<TrainingData, 'pairs' | 'metaTrain'>;

/**
 * The settings of the loop, with the steps of an epoch counted from the data where the user left them open.
 * @throws OptionError if there is nothing to do
 */
export function settingsOf(config: TrainConfig, data: Sizes, label: Layer['label']): TrainingSettings {
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
  throw new OptionError(
    `an epoch has no updates, let ${label('metaSteps')} or ${label('fusionSteps')} be above 0`,
  );
}

/** Once through the meta-train pairs; none for a fixed loss, which has nothing to learn. */
function defaultMetaSteps(config: TrainConfig, data: Sizes): number {
  if (FUSION_LOSSES[config.loss].uses.length === 0) return 0;
  return Math.min(600, Math.ceil(data.metaTrain / config.batch));
}
