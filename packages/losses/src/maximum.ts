import type { Ops, Tensor } from '@refusion/autodiff';
import { sobelMagnitude } from '@refusion/ops';
import { expectImages, type FusionLoss, lossTerms, type Sources } from './interface.js';

/** mean |sobel I_f - max(sobel I_a, sobel I_b)| */
export function maximumEdgeDistance(ops: Ops, fused: Tensor, sources: Sources): Tensor {
  const strongest = ops.maximum(sobelMagnitude(ops, sources.a), sobelMagnitude(ops, sources.b));
  return ops.mean(ops.abs(ops.sub(sobelMagnitude(ops, fused), strongest)));
}

/**
 * A fixed loss: the brighter pixel and the stronger edge.
 *
 *     L_f = mean |I_f - max(I_a, I_b)| + alpha mean |sobel I_f - max(sobel I_a, sobel I_b)|
 *
 * @see SwinFusion (Ma et al., 2022) and CDDFuse (Zhao et al., 2023), which train with these terms
 */
export const maximumLoss: FusionLoss = {
  name: 'maximum',
  uses: [],
  imagewise: true,
  apply: (ops, fused, sources, _proposal, alpha) => {
    expectImages('maximum', fused, sources);
    const brightest = ops.maximum(sources.a, sources.b);
    const intensity = ops.mean(ops.abs(ops.sub(fused, brightest)));
    return lossTerms(ops, intensity, maximumEdgeDistance(ops, fused, sources), alpha);
  },
};
