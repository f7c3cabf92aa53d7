export type { GivenConfig, PresetName, TrainConfig } from './config.js';
export { trainConfig } from './configure.js';
export type { EventExtras, TrainingObserver } from './observer.js';
export { runTraining, type TrainingOptions, type TrainingReport } from './training.js';
