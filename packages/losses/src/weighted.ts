import type { Ops, Tensor } from '@refusion/autodiff';
import { expectShape, ShapeError } from '@refusion/core';
import type { Proposal, Sources } from './interface.js';

/**
 * A map of the proposal for both sources, `[B, H, W, 2]`, cut into one for each.
 * @param loss whose name errors begin with
 * @param fused of which the map must have the batch, height and width
 * @throws ShapeError if the proposal has no such map, or its shape does not fit
 */
export function weightsOf(ops: Ops, loss: string, proposal: Proposal, name: string, fused: Tensor): Sources {
  const map = proposal[name];
  if (!map) throw new ShapeError(`${loss}: the proposal has no map "${name}"`);
  expectShape(loss, `the proposal's map "${name}"`, map, [...fused.shape.slice(0, 3), 2]);
  const [a, b] = ops.split(map, 2, -1) as [Tensor, Tensor];
  return { a, b };
}

/** mean(w_a^2 (x_a - x)^2) + mean(w_b^2 (x_b - x)^2) */
export function weightedSquares(ops: Ops, x: Tensor, targets: Sources, weights: Sources): Tensor {
  const part = (weight: Tensor, target: Tensor): Tensor =>
    ops.mean(ops.square(ops.mul(weight, ops.sub(target, x))));
  return ops.add(part(weights.a, targets.a), part(weights.b, targets.b));
}
