import type { Kernels } from './interpreter.js';
import type { Operation } from './operation.js';
import type { Ops } from './ops.js';
import type { Tensor } from './tensor.js';
import { definitionOf } from './transforms/vjp.js';

/**
 * How an interpreter that has kernels evaluates: by the operation's kernel, else by its definition.
 *
 * @param own the inputs as the interpreter's own tensors
 * @throws TypeError if there is neither
 */
export function applyWithKernels<T extends Tensor, I extends readonly Tensor[], A>(
  ops: Ops,
  kernels: Kernels<T>,
  operation: Operation<I, A>,
  own: readonly T[],
  inputs: I,
  attrs: A,
): Tensor {
  const kernel = Object.hasOwn(kernels, operation.name) ? kernels[operation.name] : undefined;
  if (kernel) return kernel(own, attrs as never);
  const define = definitionOf(operation);
  return ops.scope(() => define(ops, inputs, attrs));
}
