import type { Ops, Tensor } from '@refusion/autodiff';
import { mapParams, type Params, sizeOf } from '@refusion/core';

/**
 * Applies a function that goes value by value to records of the same names: each is put into one vector first, for a
 * few operations on long vectors cost less than many on short ones.
 *
 * @param fn from a vector of each record to vectors of the same length
 * @returns a record for each of these vectors
 * @throws ShapeError if the records do not have the same names
 */
export function onVectors(
  ops: Ops,
  fn: (...vectors: Tensor[]) => readonly Tensor[],
  first: Params<Tensor>,
  ...others: Params<Tensor>[]
): Params<Tensor>[] {
  const records = [first, ...others.map((other) => mapParams((_x: Tensor, y: Tensor) => y, first, other))];
  if (Object.keys(first).length === 0) return records;
  return ops.scope(() =>
    fn(...records.map((record) => vectorOf(ops, Object.values(record)))).map((x) => recordOf(ops, x, first)),
  );
}

/** All values of some tensors, one after another. */
export function vectorOf(ops: Ops, tensors: readonly Tensor[]): Tensor {
  return ops.concat(
    tensors.map((x) => ops.reshape(x, [sizeOf(x.shape)])),
    0,
  );
}

function recordOf(ops: Ops, vector: Tensor, like: Params<Tensor>): Params<Tensor> {
  let at = 0;
  return mapParams(({ shape }: Tensor) => {
    const size = sizeOf(shape);
    const part = ops.slice(vector, [at], [size]);
    at += size;
    return ops.reshape(part, shape);
  }, like);
}
