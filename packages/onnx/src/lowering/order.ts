import { type Shape, sizeOf, stridesOf } from '@refusion/core';

/** How a value is stored: axis `i` of what is stored is axis `order[i]` of the op set's tensor. */
export type Order = readonly number[];

export function identityOrder(rank: number): Order {
  return Array.from({ length: rank }, (_unused, axis) => axis);
}

/** Channels before pixels, as ONNX has images: `[B,H,W,C]` is stored as `[B,C,H,W]`, `[B,N,C]` as `[B,C,N]`. */
export function channelsFirst(rank: number): Order {
  return [0, rank - 1, ...Array.from({ length: rank - 2 }, (_unused, i) => i + 1)];
}

export function sameOrder(a: Order, b: Order): boolean {
  return a.length === b.length && a.every((axis, i) => axis === b[i]);
}

/** The order after leading axes are added. */
export function lifted(order: Order, rank: number): Order {
  const added = rank - order.length;
  return [...identityOrder(added), ...order.map((axis) => axis + added)];
}

/** Values moved from row-major order of their own axes to another order. */
export function permuted(values: Float64Array, shape: Shape, order: Order): Float64Array {
  if (sameOrder(order, identityOrder(shape.length))) return values;
  const lengths = order.map((axis) => shape[axis] as number);
  const strides = stridesOf(shape);
  const steps = order.map((axis) => strides[axis] as number);
  const index = new Array<number>(lengths.length).fill(0);
  const out = new Float64Array(sizeOf(shape));
  for (let to = 0; to < out.length; to++) {
    out[to] = values[index.reduce((at, i, axis) => at + i * (steps[axis] as number), 0)] as number;
    for (let axis = lengths.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (lengths[axis] as number)) break;
      index[axis] = 0;
    }
  }
  return out;
}
