export { type CropOptions, cropBatch, type PairBatch, switchSources } from './batch.js';
export {
  type BatchStream,
  type BatchStreamOptions,
  type BatchStreamState,
  batchStream,
} from './batch-stream.js';
export { epochOrder, splitHalves } from './orders.js';
export type { GrayPair, MappedPair, PairSource } from './pair-source.js';
export { SCENE_LABELS } from './scenes/labels.js';
export { SCENE_TASKS, type SceneTask, type SyntheticScene } from './scenes/scene.js';
export { syntheticScene } from './scenes/synthetic-scene.js';
export { type SyntheticSource, syntheticSource } from './synthetic-source.js';
