import type { Ops, Tensor } from '@refusion/autodiff';
import type { Padding } from './pad-edges.js';
import { stencil } from './stencil.js';

const HORIZONTAL = [-1, 0, 1, -2, 0, 2, -1, 0, 1];
const VERTICAL = [-1, -2, -1, 0, 0, 0, 1, 2, 1];

export interface SobelOptions {
  /** Default: `zero`, which the ReFusion losses use. */
  readonly padding?: Padding;
}

export interface SobelGradients {
  /** Along a row, S_x * I: positive where the image brightens to the right. */
  readonly x: Tensor;
  /** Along a column, S_y * I: positive where the image brightens downwards. */
  readonly y: Tensor;
}

/**
 * Both Sobel gradients by cross-correlation with S_x = [[-1,0,1],[-2,0,2],[-1,0,1]] and its transpose.
 *
 * @param x images `[B, H, W, C]`
 * @returns gradients of the same shape, in [-4, 4] for images in [0, 1]
 * @throws ShapeError unless x has four axes
 */
export function sobel(ops: Ops, x: Tensor, options: SobelOptions = {}): SobelGradients {
  const padding = options.padding ?? 'zero';
  return { x: stencil(ops, x, HORIZONTAL, padding), y: stencil(ops, x, VERTICAL, padding) };
}

/**
 * |S_x * I| + |S_y * I|, the edge strength that ReFusion's networks and losses use.
 *
 * @param x images `[B, H, W, C]`
 * @returns the same shape, in [0, 8] for images in [0, 1]
 * @throws ShapeError unless x has four axes
 * @example
 * const edges = sobelMagnitude(ops, image);
 */
export function sobelMagnitude(ops: Ops, x: Tensor, options: SobelOptions = {}): Tensor {
  const gradients = sobel(ops, x, options);
  return ops.add(ops.abs(gradients.x), ops.abs(gradients.y));
}
