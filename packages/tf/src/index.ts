export {
  ENGINES,
  type EngineName,
  type EngineOptions,
  KERNEL_CHOICES,
  type KernelChoice,
} from './backend.js';
export { loadEngine, type TensorFlowEngine } from './engine.js';
export { type Forward, type Gradient, tensorflowOperation } from './tensorflow-operation.js';
