export { readSafetensors, writeSafetensors } from './weights/safetensors-files.js';
