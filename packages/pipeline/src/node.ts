export { loadFusion } from './load-fusion.js';
export { onnxStages } from './onnx/onnx-stages.js';
