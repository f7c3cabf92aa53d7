import type { Ops, Tensor } from '@refusion/autodiff';
import type { Params } from '@refusion/core';

/** Two registered gray images of one scene, `[B, H, W, 1]` in [0, 1]. */
export type Sources = { readonly a: Tensor; readonly b: Tensor };

/** What an objective compares with: the sources, and further maps by name, such as labels. */
export type Targets<Name extends string = never> = Sources & { readonly [name in Name]: Tensor };

/**
 * A batch. `targets`, where given, is what the objective compares with in place of the sources: when sources are
 * also fed in exchanged order, the reconstruction's targets keep theirs. Further maps travel in it.
 */
export type Batch = Sources & { readonly targets?: Targets };

/** A loss and its parts, each a scalar. */
export type LossTerms = { readonly total: Tensor; readonly [part: string]: Tensor };

/** What a proposal network proposes: any maps by name. */
export type Proposal = { readonly [name: string]: Tensor };

/**
 * What is learned, as functions of the op set. Any network and any loss that fits this can be trained; nothing here
 * knows ReFusion's own. `Name` are the maps beside the sources that the objective compares with.
 */
export interface Learner<Name extends string = never> {
  /** F: the fused image `[B, H, W, 1]`. */
  fuse(ops: Ops, params: Params<Tensor>, sources: Sources): Tensor;
  /** P: the proposal that a learnable fusion loss uses. */
  propose(ops: Ops, params: Params<Tensor>, sources: Sources): Proposal;
  /** L_f. It may depend on F through the fused image alone. */
  fusionLoss(ops: Ops, fused: Tensor, sources: Sources, proposal: Proposal): LossTerms;
  /**
   * The outer objective, with parameters of its own that are trained beside F: for ReFusion the reconstruction
   * network and L_r; a detector's or segmenter's loss makes it task-driven.
   */
  objective(ops: Ops, params: Params<Tensor>, fused: Tensor, targets: Targets<Name>): LossTerms;
  /**
   * A promise: F, P and the objective look at each image of a batch by itself, all that P proposes has an entry for each
   * image along its first axis, and every loss and part of one is the mean of what single images give. An engine may
   * then spread a batch over threads, image by image. Default false: nothing is known, and batches stay whole.
   */
  readonly imagewise?: boolean;
}

/** The three sets of parameters. */
export type Theta = {
  readonly fusion: Params<Tensor>;
  readonly proposal: Params<Tensor>;
  readonly objective: Params<Tensor>;
};

/** What the objective compares with. */
export function targetsOf(batch: Batch): Targets {
  return batch.targets ?? { a: batch.a, b: batch.b };
}

/** A batch without its targets. */
export function sourcesOf({ a, b }: Batch): Sources {
  return { a, b };
}
