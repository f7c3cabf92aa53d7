export { applyWithKernels } from './apply.js';
export {
  type AttentionSums,
  attend,
  attentionMap,
  attentionSums,
  transposedAttention,
} from './composites/attention.js';
export type { LayerNormAttrs } from './composites/layer-norm.js';
export type { AxisAttrs } from './composites/softmax.js';
export type { Engine } from './engine.js';
export { evaluate } from './evaluate.js';
export type { Interpreter, Kernel, Kernels } from './interpreter.js';
export {
  type Evaluation,
  NONE,
  type None,
  type Operation,
  type Tangents,
  type TapedEvaluation,
} from './operation.js';
export { OPERATIONS } from './operations.js';
export { type Operand, Ops, type ReduceOptions } from './ops.js';
export type { AxesAttrs, ShapeAttrs } from './primitives/reduce.js';
export type { ConcatAttrs, PadAttrs, SliceAttrs, TransposeAttrs } from './primitives/structure.js';
export { type Float64Tensor, referenceTensor } from './reference/array.js';
export { reference } from './reference/index.js';
export { broadcastShape } from './shapes.js';
export type { Imagewise, Step } from './step.js';
export type { Tensor } from './tensor.js';
export { grad, type ValueAndGrad, valueAndGrad } from './transforms/grad.js';
export { type JvpResult, jvp } from './transforms/jvp.js';
export { recomputed } from './transforms/recomputed.js';
export { type Differentiable, type VjpResult, vjp } from './transforms/vjp.js';
