export { loadFusion } from './load-fusion.js';
export { type FusionModel, loadFusionModel } from './models/load-fusion-model.js';
export { type OnnxStagesOptions, onnxStages } from './onnx/onnx-stages.js';
