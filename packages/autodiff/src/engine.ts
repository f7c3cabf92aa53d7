import type { Tree } from '@refusion/core';
import type { Ops } from './ops.js';
import type { Tensor } from './tensor.js';

/** An interpreter that computes, together with the way its results come out. */
export interface Engine {
  /** `reference`, `wasm`, `cpu`, ... */
  readonly name: string;
  readonly ops: Ops;
  /** A tensor's values, row-major, copied out of the engine. */
  read(x: Tensor): Promise<Float32Array | Float64Array>;
  /** How many tensors are alive; 0 always where memory is garbage-collected. */
  tensorCount(): number;
  /** Frees every tensor of a tree. */
  release(tree: Tree<Tensor>): void;
}
