import type { Ops, Tensor } from '@refusion/autodiff';
import { OptionError } from '@refusion/core';

/** What stands beyond the border: zeros, the border's own value, or the image mirrored about the border pixel. */
export type Padding = 'zero' | 'replicate' | 'reflect';

/**
 * Surrounds images `[B, H, W, C]` by one pixel on each side.
 * @returns `[B, H+2, W+2, C]`
 * @throws OptionError where `reflect` meets an axis of length 1, or the padding is unknown
 */
export function padEdges(ops: Ops, x: Tensor, padding: Padding): Tensor {
  if (padding === 'zero') return ops.pad(x, [0, 1, 1, 0], [0, 1, 1, 0]);
  return padAxis(ops, padAxis(ops, x, 1, padding), 2, padding);
}

function padAxis(ops: Ops, x: Tensor, axis: number, padding: Exclude<Padding, 'zero'>): Tensor {
  const length = x.shape[axis] as number;
  const inset = { replicate: 0, reflect: 1 }[padding];
  if (inset === undefined) {
    throw new OptionError(`padding must be one of zero, replicate, reflect, got "${padding}"`);
  }
  if (length <= inset)
    throw new OptionError(`reflect padding needs at least 2 pixels along each axis, got [${x.shape}]`);
  const line = (index: number): Tensor =>
    ops.slice(
      x,
      x.shape.map((_length, i) => (i === axis ? index : 0)),
      x.shape.map((whole, i) => (i === axis ? 1 : whole)),
    );
  return ops.concat([line(inset), x, line(length - 1 - inset)], axis);
}
