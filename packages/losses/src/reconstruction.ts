import type { Operand, Ops, Tensor } from '@refusion/autodiff';
import { expectSameShape } from '@refusion/core';
import { sobelMagnitude } from '@refusion/ops';
import { type LossTerms, lossTerms, type Sources } from './interface.js';

/**
 * The reconstruction loss, by the worse of the two sources at every pixel:
 *
 *     L_r = mean(max(|I_a - R_a|, |I_b - R_b|)^2)
 *         + alpha mean(max(|sobel I_a - sobel R_a|, |sobel I_b - sobel R_b|)^2)
 *
 * @param reconstructed R's two images, `[B, H, W, 1]`
 * @param sources what they should be
 * @param alpha the gradient part's weight, alpha_r; a number or a scalar
 * @throws ShapeError if shapes differ
 * @see ReFusion (Bai et al., IJCV 2024), the reconstruction loss
 */
export function reconstructionLoss(
  ops: Ops,
  reconstructed: Sources,
  sources: Sources,
  alpha: Operand,
): LossTerms {
  expectSameShape('reconstructionLoss', 'the reconstruction of a', reconstructed.a, 'a', sources.a);
  expectSameShape('reconstructionLoss', 'the reconstruction of b', reconstructed.b, 'b', sources.b);
  const worse = (of: (image: Tensor) => Tensor): Tensor => {
    const error = (source: Tensor, image: Tensor): Tensor => ops.abs(ops.sub(of(source), of(image)));
    const larger = ops.maximum(error(sources.a, reconstructed.a), error(sources.b, reconstructed.b));
    return ops.mean(ops.square(larger));
  };
  const intensity = worse((image) => image);
  const gradient = worse((image) => sobelMagnitude(ops, image));
  return lossTerms(ops, intensity, gradient, alpha);
}
