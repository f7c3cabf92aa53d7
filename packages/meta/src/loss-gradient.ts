import { type Ops, type Tensor, vjp } from '@refusion/autodiff';
import type { Tree } from '@refusion/core';
import type { LossTerms } from './learner.js';

/** A loss with its parts (and whatever else it returns), and the gradient of its total. */
export function lossGradient<I extends Tree<Tensor>, L extends LossTerms>(
  ops: Ops,
  loss: (ops: Ops, inputs: I) => L,
  inputs: I,
): { terms: L; gradient: I } {
  const { value: terms, pullback } = vjp(ops, loss, inputs);
  const cotangents = Object.keys(terms).map((part) => (part === 'total' ? ops.scalar(1) : null));
  return { terms, gradient: pullback(cotangents) };
}
