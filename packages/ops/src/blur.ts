import type { Ops, Tensor } from '@refusion/autodiff';
import { expectInteger } from '@refusion/core';
import type { Padding } from './pad-edges.js';
import { stencil } from './stencil.js';

const BINOMIAL = [1, 2, 1, 2, 4, 2, 1, 2, 1].map((weight) => weight / 16);

export interface BlurOptions {
  /** How often the 3x3 binomial stencil is applied; n passes have a standard deviation of sqrt(n / 2) pixels. */
  readonly passes: number;
  /** Default: `replicate`, which keeps a constant image constant. */
  readonly padding?: Padding;
}

/**
 * A binomial blur, the nearest thing to a Gaussian that 3x3 stencils give.
 *
 * @param x images `[B, H, W, C]`
 * @throws ShapeError unless x has four axes; OptionError unless `passes` is a whole number of at least 1
 */
export function blur(ops: Ops, x: Tensor, options: BlurOptions): Tensor {
  expectInteger('blur', 'passes', options.passes, 1);
  const padding = options.padding ?? 'replicate';
  let blurred = x;
  for (let pass = 0; pass < options.passes; pass++) blurred = stencil(ops, blurred, BINOMIAL, padding);
  return blurred;
}
