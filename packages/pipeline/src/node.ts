export { loadFusion } from './load-fusion.js';
export { type FusionModel, loadFusionModel } from './models/load-fusion-model.js';
export { fastestEngine } from './onnx/fastest-engine.js';
export { type OnnxStagesOptions, onnxStages } from './onnx/onnx-stages.js';
