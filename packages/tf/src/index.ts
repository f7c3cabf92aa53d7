export type { EngineOptions } from './backend.js';
export { loadEngine, type TensorFlowEngine } from './engine.js';
export { ENGINES, type EngineName, KERNEL_CHOICES, type KernelChoice } from './names.js';
export { type Forward, type Gradient, tensorflowOperation } from './tensorflow-operation.js';
export { MemoryError } from './wasm/memory.js';
