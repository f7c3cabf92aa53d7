import { leavesOf, type Tree, withLeaves } from '@refusion/core';
import { NONE, type None, type Operation } from '../operation.js';
import type { Ops } from '../ops.js';
import type { Tensor } from '../tensor.js';
import { vjp } from './vjp.js';

/**
 * A part of a function whose intermediate values a backward pass makes again instead of keeping them: of all that it
 * computes, only its inputs and its output stay in memory. The values and the derivatives, of every order, are those of
 * the part itself; it is evaluated once more for each backward pass ("activation checkpointing", Chen et al. 2016).
 *
 * @param fn evaluates the part, and uses nothing that is differentiated but its inputs
 * @example
 * const y = recomputed(ops, (o, { x, w }) => o.gelu(o.pointwise(x, w)), { x, w });
 */
export function recomputed<I extends Tree<Tensor>>(
  ops: Ops,
  fn: (ops: Ops, inputs: I) => Tensor,
  inputs: I,
): Tensor {
  const operation: Operation<readonly Tensor[], None> = {
    name: 'recomputed',
    define: (o, leaves) => fn(o, withLeaves(inputs, leaves) as I),
    vjp: (o, { inputs: leaves, moving }, cotangent) => {
      const places = leaves.flatMap((_leaf, i) => (moving[i] ? [i] : []));
      const some = (oo: Ops, moved: readonly Tensor[]): Tensor =>
        fn(
          oo,
          withLeaves(
            inputs,
            leaves.map((leaf, i) => moved[places.indexOf(i)] ?? leaf),
          ) as I,
        );
      // At once and for all inputs together: one evaluation gives every cotangent.
      const cotangents = o.scope(() =>
        vjp(
          o,
          some,
          places.map((i) => leaves[i] as Tensor),
        ).pullback([cotangent]),
      );
      return leaves.map((_leaf, i) => () => cotangents[places.indexOf(i)] as Tensor);
    },
  };
  return ops.apply(operation, leavesOf<Tensor>(inputs), NONE);
}
