export { erf, erfc } from './erf.js';
export { FileError, OptionError, RefusionError, ShapeError } from './errors.js';
export {
  expectInteger,
  expectNotNegative,
  expectOneOf,
  expectPositive,
  expectSameShape,
  expectShape,
  expectTensors,
  type Shaped,
  sameShape,
} from './expect.js';
export { hasShape, isRecord, kindOf } from './kind.js';
export {
  isContiguous,
  type NdArray,
  ndarray,
  type Shape,
  sizeOf,
  stridesOf,
  type TypedArray,
  toFloat64,
} from './ndarray.js';
export { type Rng, type RngState, rng, rngFrom } from './rng.js';
export { leavesOf, mapParams, type Params, type Tree, withLeaves } from './tree.js';
