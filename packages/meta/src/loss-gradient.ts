import { type Ops, type Tensor, vjp } from '@refusion/autodiff';
import type { Tree } from '@refusion/core';
import type { LossTerms } from './learner.js';

/** A loss with its parts, and the gradient of its total. */
export function lossGradient<I extends Tree<Tensor>>(
  ops: Ops,
  loss: (ops: Ops, inputs: I) => LossTerms,
  inputs: I,
): { terms: LossTerms; gradient: I } {
  const { value: terms, pullback } = vjp(ops, loss, inputs);
  return { terms, gradient: pullback(totalAlone(ops, terms)) };
}

/** The cotangents of a loss's parts that make a pullback the gradient of its total. */
export function totalAlone(ops: Ops, terms: LossTerms): (Tensor | null)[] {
  return Object.keys(terms).map((part) => (part === 'total' ? ops.scalar(1) : null));
}
