export {
  readSafetensors,
  readWeights,
  replaceWeightFile,
  writeSafetensors,
} from './weights/safetensors-files.js';
