export { readSafetensors, readWeights, writeSafetensors } from './weights/safetensors-files.js';
