import type { Tree } from '@refusion/core';
import type { Ops } from './ops.js';
import type { Step } from './step.js';
import type { Tensor } from './tensor.js';

/** An interpreter that computes, together with the way its results come out. */
export interface Engine {
  /** `reference`, `wasm`, `cpu`, ... */
  readonly name: string;
  readonly ops: Ops;
  /** Something that its user should know, in a sentence: what it runs on, or why it is not all that was asked for. */
  readonly remark?: string;
  /** A tensor's values, row-major, copied out of the engine. */
  read(x: Tensor): Promise<Float32Array | Float64Array>;
  /** How many tensors are alive; 0 always where memory is garbage-collected. */
  tensorCount(): number;
  /** Frees every tensor of a tree. */
  release(tree: Tree<Tensor>): void;
  /**
   * Evaluates a step as a whole, on engines that compile. Call `evaluate`, which does with every engine. Steps are told
   * apart by name: one of each name is kept ready, in the shapes that it was evaluated in last, until another comes.
   */
  evaluate?<I extends Tree<Tensor>, O extends Tree<Tensor>>(step: Step<I, O>, inputs: I): Promise<O>;
  /** Ends what an engine keeps running, such as threads, which keep a program alive. It is of no use afterwards. */
  close?(): Promise<void>;
}
