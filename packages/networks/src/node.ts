export {
  readSafetensors,
  readWeights,
  replaceWeightFile,
  writeSafetensors,
} from './weights/safetensors-files.js';
export { readWeightFile } from './weights/weight-file.js';
