import type { Ops } from '@refusion/autodiff';
import { hasShape, isContiguous, kindOf, type NdArray, OptionError, toFloat64 } from '@refusion/core';
import { expectNames } from './expect-parts.js';
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

/** The batch as tensors. @throws OptionError unless a stream has given one */
export function uploaded(ops: Ops, batch: HostBatch): Batch {
  expectNames('train', 'a batch', batch, ['a', 'b']);
  for (const [name, x] of Object.entries<NdArray>({ a: batch.a, b: batch.b, ...batch.targets })) {
    if (hasShape(x) && ArrayBuffer.isView((x as NdArray).data)) continue;
    throw new OptionError(`train: ${name} of a batch must be an array { data, shape }, got ${kindOf(x)}`);
  }
  const tensor = (x: NdArray) => ops.constant(isContiguous(x) ? x.data : toFloat64(x), x.shape);
  const sources = { a: tensor(batch.a), b: tensor(batch.b) };
  if (!batch.targets) return sources;
  const targets = Object.entries<NdArray>(batch.targets).map(([name, x]) => [name, tensor(x)]);
  return { ...sources, targets: Object.fromEntries(targets) as Sources };
}
