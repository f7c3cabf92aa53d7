export { DivergedError, type StepPlace } from './diverged-error.js';
export { type FusionOptimisers, type FusionUpdate, fusionOptimisers, fusionUpdate } from './fusion-update.js';
export type { HostBatch } from './host-batch.js';
export {
  type BatchGradients,
  batchGradients,
  fusionGradient,
  type InnerUpdate,
  innerUpdate,
} from './inner-update.js';
export type { Batch, Learner, LossTerms, Proposal, Sources, Targets, Theta } from './learner.js';
export type { LossValues } from './loss-values.js';
export { batchGradientsOn, fusionUpdateOn, metaGradientOn } from './on-engine.js';
export { type AdamOptions, type AdamState, adam, adamState, normalisedSgd, sgd } from './optimisers.js';
export {
  type Hypergradient,
  hypergradient,
  type InnerStep,
  type MetaGradient,
  metaGradient,
  type OuterLoss,
  outerLoss,
} from './outer-update.js';
export { restoredState, type SavedState, type SavedValues, savedState } from './saved-state.js';
export { scheduledLearner } from './scheduled-learner.js';
export {
  OUTER_UPDATES,
  type OuterUpdate,
  PAPER_SETTINGS,
  rateOf,
  type TrainingSettings,
  trainingSettings,
} from './settings.js';
export type { PlainValue, StreamStates, TrainingStream, TrainingStreams } from './stream.js';
export { type TrainingEvent, type TrainingTask, train } from './train.js';
export {
  initialState,
  PHASES,
  type Phase,
  releaseState,
  type TrainingPosition,
  type TrainingState,
} from './training-state.js';
