import { gelu, geluSlope, prelu, sigmoid } from './composites/activations.js';
import { gram, squaredNorms } from './composites/gram.js';
import { layerNorm, layerNormInputGrad } from './composites/layer-norm.js';
import { softmax } from './composites/softmax.js';
import type { Operation } from './operation.js';
import { conv3x3, depthwise, pointwise } from './primitives/convolution.js';
import * as elementwise from './primitives/elementwise.js';
import * as reduce from './primitives/reduce.js';
import * as structure from './primitives/structure.js';

/** Every operation of the op set, the primitives first: what an interpreter implements and the tests go through. */
export const OPERATIONS: readonly Operation[] = [
  ...Object.values(elementwise),
  ...Object.values(reduce),
  ...Object.values(structure),
  ...[pointwise, depthwise, conv3x3].flatMap((trio) => Object.values(trio)),
  sigmoid,
  gelu,
  geluSlope,
  prelu,
  softmax,
  layerNorm,
  layerNormInputGrad,
  gram,
  squaredNorms,
] as readonly Operation[];
