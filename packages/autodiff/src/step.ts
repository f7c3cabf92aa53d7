import type { Tree } from '@refusion/core';
import type { Ops } from './ops.js';
import type { Tensor } from './tensor.js';

/** A piece of work that an engine may compile: a pure function of the op set, from tensors to tensors. */
export interface Step<I extends Tree<Tensor>, O extends Tree<Tensor>> {
  /** What it is, for messages; also tells it from the engine's other steps. */
  readonly name: string;
  /** Must use the op set that it is given, and must do the same at every call for inputs of the same shapes. */
  run(ops: Ops, inputs: I): O;
  /** How its result for a batch follows from those for single images; absent where it does not. */
  readonly imagewise?: Imagewise;
}

/**
 * A promise that a batch's result is put together from those of its images, each evaluated as a batch of one: an output
 * is the mean of theirs, as losses and gradients are, or holds one entry for each.
 */
export interface Imagewise {
  /** Inputs, by name, whose tensors hold the images along their first axis. The others belong to all images alike. */
  readonly images: readonly string[];
  /** Outputs, by name, whose tensors have an entry for each image along their first axis. The others are means. */
  readonly perImage: readonly string[];
}
