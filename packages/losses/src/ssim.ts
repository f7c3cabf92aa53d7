import type { Ops, Tensor } from '@refusion/autodiff';
import { blur } from '@refusion/ops';
import { expectImages, type FusionLoss, lossTerms } from './interface.js';
import { maximumEdgeDistance } from './maximum.js';

/** Five binomial passes: a standard deviation of 1.58 pixels, near the 1.5 of the usual Gaussian window. */
const WINDOW = { passes: 5 };
const C1 = 0.01 ** 2;
const C2 = 0.03 ** 2;

/**
 * The mean structural similarity of two images in [0, 1] (Wang et al. 2004), with a smooth window so that it can be
 * trained with. Not the metric of a paper's table: `@refusion/metrics` has that one.
 *
 * @param x, y `[B, H, W, 1]`
 * @returns a scalar, 1 for equal images
 */
export function structuralSimilarity(ops: Ops, x: Tensor, y: Tensor): Tensor {
  const local = (image: Tensor): Tensor => blur(ops, image, WINDOW);
  const [mx, my] = [local(x), local(y)];
  const varianceX = ops.sub(local(ops.square(x)), ops.square(mx));
  const varianceY = ops.sub(local(ops.square(y)), ops.square(my));
  const covariance = ops.sub(local(ops.mul(x, y)), ops.mul(mx, my));
  const numerator = ops.mul(ops.add(ops.mul(ops.mul(mx, my), 2), C1), ops.add(ops.mul(covariance, 2), C2));
  const denominator = ops.mul(
    ops.add(ops.add(ops.square(mx), ops.square(my)), C1),
    ops.add(ops.add(varianceX, varianceY), C2),
  );
  return ops.mean(ops.div(numerator, denominator));
}

/**
 * A fixed loss: likeness to both sources, and the stronger edge.
 *
 *     L_f = 1 - (SSIM(I_f, I_a) + SSIM(I_f, I_b)) / 2 + alpha mean |sobel I_f - max(sobel I_a, sobel I_b)|
 */
export const ssimLoss: FusionLoss = {
  name: 'ssim',
  uses: [],
  imagewise: true,
  apply: (ops, fused, sources, _proposal, alpha) => {
    expectImages('ssim', fused, sources);
    const likeness = ops.add(
      structuralSimilarity(ops, fused, sources.a),
      structuralSimilarity(ops, fused, sources.b),
    );
    const intensity = ops.sub(1, ops.mul(likeness, 0.5));
    return lossTerms(ops, intensity, maximumEdgeDistance(ops, fused, sources), alpha);
  },
};
