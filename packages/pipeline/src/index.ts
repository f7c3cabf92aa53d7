export { expectFusionParameters, expectNetworkParameters } from './expect-parameters.js';
export {
  FRAME_TONES,
  type FrameFuser,
  type FrameTone,
  type FuseFramesOptions,
  fuseFrames,
} from './fuse-frames.js';
export { type Fused, type FuseOptions, fusePictures } from './fuse-pictures.js';
export { type ReFusionOptions, refusionLearner } from './learner.js';
export { expectFusionModel, fusionModel } from './models/fusion-model.js';
export { type NetworkModelOptions, networkModel } from './models/network-model.js';
export type { PicturePair } from './network-output.js';
export { type Fuse, type PipelineOptions, pipeline } from './pipeline.js';
export type { Numbers, Stage, StageEngine, StageRunner } from './strips/stage.js';
export { applyTone, type DataOf, TONES, type Tone, type Toned } from './tone.js';
