import type { Ops } from '../ops.js';
import type { Tensor } from '../tensor.js';

/**
 * Tensors that are each their own, so that a caller may free any of them: one that comes twice, or that is another's
 * (an input, a seed), is copied. Copied by adding 0, which has a derivative.
 */
export function distinct(ops: Ops, tensors: readonly Tensor[], others: readonly Tensor[]): Tensor[] {
  const taken = new Set(others);
  return tensors.map((x) => {
    const own = taken.has(x) ? ops.add(x, 0) : x;
    taken.add(own);
    return own;
  });
}
