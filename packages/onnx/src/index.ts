export type { Block } from './block.js';
export { type CompileOptions, compile, type InputSpec, type ModelFunction } from './compile.js';
export type { SymbolicShape } from './graph/trace.js';
export type { Layout } from './lowering/lower.js';
export {
  describeModel,
  expectModelSize,
  MOST_MODEL_BYTES,
  type ModelDescription,
  type ModelValue,
} from './model/describe.js';
