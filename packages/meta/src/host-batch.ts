import type { Ops } from '@refusion/autodiff';
import { isContiguous, type NdArray, toFloat64 } from '@refusion/core';
import type { Batch, Sources } from './learner.js';

/**
 * A batch before it is on an engine: gray images `[B, H, W, 1]` in [0, 1]. `Name` are the maps beside the sources that
 * the objective compares with.
 */
export interface HostBatch<Name extends string = never> {
  readonly a: NdArray;
  readonly b: NdArray;
  /** What the objective compares with, in place of the sources. */
  readonly targets?: { readonly [name in 'a' | 'b' | Name]: NdArray };
  /** What its pairs are called, for messages. */
  readonly names?: readonly string[];
}

/** The batch as tensors. */
export function uploaded(ops: Ops, batch: HostBatch): Batch {
  const tensor = (x: NdArray) => ops.constant(isContiguous(x) ? x.data : toFloat64(x), x.shape);
  const sources = { a: tensor(batch.a), b: tensor(batch.b) };
  if (!batch.targets) return sources;
  const targets = Object.entries<NdArray>(batch.targets).map(([name, x]) => [name, tensor(x)]);
  return { ...sources, targets: Object.fromEntries(targets) as Sources };
}
