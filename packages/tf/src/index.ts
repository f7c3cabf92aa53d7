export { ENGINES, type EngineName, type EngineOptions } from './backend.js';
export { loadEngine } from './engine.js';
export { type Forward, type Gradient, tensorflowOperation } from './tensorflow-operation.js';
