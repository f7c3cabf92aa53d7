import type { Shape } from '@refusion/core';

/**
 * A value of some interpreter: a float64 array, a TensorFlow.js tensor, a graph node, or one of these traced for a
 * derivative. Code written against the op set looks at nothing but its shape.
 *
 * Images are `[B, H, W, C]`. Filters keep PyTorch's order: `[O, I, 1, 1]` pointwise, `[C, 1, 3, 3]` depthwise,
 * `[O, I, 3, 3]` full, so that parameters have the shapes of the authors' weight files everywhere.
 */
export interface Tensor {
  readonly shape: Shape;
}
