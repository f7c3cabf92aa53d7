import type { Ops, Tensor } from '@refusion/autodiff';
import { expectShape } from '@refusion/core';
import { type Padding, padEdges } from './pad-edges.js';

/**
 * Cross-correlates every channel of `[B, H, W, C]` with one fixed 3x3 stencil, given row by row.
 * @throws ShapeError unless x has four axes
 */
export function stencil(ops: Ops, x: Tensor, weights: readonly number[], padding: Padding): Tensor {
  expectShape('stencil', 'x', x, [null, null, null, null]);
  const [, height, width, channels] = x.shape as [number, number, number, number];
  const filter = ops.constant(Array.from({ length: channels }, () => weights).flat(), [channels, 1, 3, 3]);
  if (padding === 'zero') return ops.depthwise(x, filter);
  const padded = ops.depthwise(padEdges(ops, x, padding), filter);
  return ops.slice(padded, [0, 1, 1, 0], [x.shape[0] as number, height, width, channels]);
}
