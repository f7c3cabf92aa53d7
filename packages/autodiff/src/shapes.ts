import { expectShape, type Shape, ShapeError } from '@refusion/core';
import type { Tensor } from './tensor.js';

/** The common shape of two operands, as NumPy broadcasts. @throws ShapeError if there is none. */
export function broadcastShape(where: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_unused, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new ShapeError(`${where}: [${a}] and [${b}] cannot be broadcast together`);
    }
    return left === 1 ? right : left;
  });
}

/** The axis counted from 0. @throws ShapeError if the tensor does not have it. */
export function axisOf(where: string, x: Tensor, axis: number): number {
  const rank = x.shape.length;
  const counted = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(counted) || counted < 0 || counted >= rank) {
    throw new ShapeError(`${where}: [${x.shape}] has no axis ${axis}`);
  }
  return counted;
}

/** @throws ShapeError unless x is an image batch and the filter fits it. */
export function expectFilter(
  where: string,
  x: Tensor,
  filter: Tensor,
  expected: readonly (number | null)[],
): void {
  expectShape(where, 'x', x, [null, null, null, null]);
  expectShape(where, 'the filter', filter, expected);
}

/** @throws ShapeError unless all are whole numbers of at least 0: lengths of axes, places, widths */
export function expectLengths(where: string, lengths: readonly number[]): void {
  if (lengths.every((length) => Number.isSafeInteger(length) && length >= 0)) return;
  throw new ShapeError(`${where}: needs whole numbers of at least 0, got [${lengths}]`);
}
