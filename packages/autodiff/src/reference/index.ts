import { applyWithKernels } from '../apply.js';
import type { Engine } from '../engine.js';
import type { Kernels } from '../interpreter.js';
import { Ops } from '../ops.js';
import { asFloat64Tensor, type Float64Tensor } from './array.js';
import { convolutionKernels } from './convolution.js';
import { elementwiseKernels } from './elementwise.js';
import { structureKernels } from './structure.js';

const KERNELS: Kernels<Float64Tensor> = {
  ...elementwiseKernels,
  ...structureKernels,
  ...convolutionKernels,
};

/** Kernels for the primitives alone, so that every composite is computed by its definition. */
const ops = new Ops({
  name: 'reference',
  constant: (values, shape) => ({ data: Float64Array.from(values), shape }),
  apply: (set, operation, inputs, attrs) =>
    applyWithKernels(set, KERNELS, operation, inputs.map(asFloat64Tensor), inputs, attrs),
  scope: <R>(fn: () => R): R => fn(),
  release: () => {},
});

/**
 * The float64 interpreter in plain TypeScript: slow, and the truth that other engines are tested against. Its
 * tensors are garbage-collected like any array; nothing needs to be freed.
 */
export const reference: Engine = {
  name: 'reference',
  ops,
  read: async (x) => asFloat64Tensor(x).data.slice(),
  tensorCount: () => 0,
  release: () => {},
};
