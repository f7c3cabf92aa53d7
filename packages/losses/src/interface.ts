import type { Operand, Ops, Tensor } from '@refusion/autodiff';
import { expectSameShape, expectShape } from '@refusion/core';

/** Two registered gray images of one scene, `[B, H, W, 1]` in [0, 1]. */
export type Sources = { readonly a: Tensor; readonly b: Tensor };

/** A loss and the parts it is made of, each a scalar. */
export type LossTerms = { readonly total: Tensor; readonly intensity: Tensor; readonly gradient: Tensor };

/** What a loss proposal network hands to a learnable loss. */
export type Proposal = { readonly [name: string]: Tensor };

/**
 * A fusion loss: how far a fused image is from keeping what it should of its sources. All are swapped by one import.
 * A fixed loss ignores the proposal; a learnable one depends on the proposal network's parameters through it.
 */
export interface FusionLoss {
  readonly name: string;
  /** The names of the proposal's maps that it uses; none for a fixed loss. */
  readonly uses: readonly string[];
  /**
   * A promise that every term is the mean, over the images of a batch, of what each gives by itself, so that a batch may be
   * evaluated image by image. Default false.
   */
  readonly imagewise?: boolean;
  /**
   * @param fused `[B, H, W, 1]` in [0, 1]
   * @param proposal the proposal network's output for these sources
   * @param alpha the gradient part's weight, alpha_f; a scalar tensor where engines compile and it changes while training
   * @returns the loss and its parts, `total = intensity + alpha gradient`
   * @throws ShapeError if shapes differ or a map is missing
   */
  apply(ops: Ops, fused: Tensor, sources: Sources, proposal: Proposal, alpha: Operand): LossTerms;
}

/** @throws ShapeError unless the fused batch is gray and both sources have its shape */
export function expectImages(loss: string, fused: Tensor, { a, b }: Sources): void {
  expectShape(loss, 'the fused image', fused, [null, null, null, 1]);
  expectSameShape(loss, 'a', a, 'the fused image', fused);
  expectSameShape(loss, 'b', b, 'the fused image', fused);
}

/** total = intensity + alpha gradient */
export function lossTerms(ops: Ops, intensity: Tensor, gradient: Tensor, alpha: Operand): LossTerms {
  return { total: ops.add(intensity, ops.mul(gradient, alpha)), intensity, gradient };
}
