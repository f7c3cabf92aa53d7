export type { GivenConfig, PresetName, TrainConfig } from './config.js';
export { trainConfig } from './configure.js';
export type { EventExtras, TrainingObserver } from './observer.js';
export type { TrainingOptions } from './options.js';
export { runTraining, type TrainingReport } from './training.js';
