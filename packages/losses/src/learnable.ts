import { sobelMagnitude } from '@refusion/ops';
import { expectImages, type FusionLoss, lossTerms } from './interface.js';
import { weightedSquares, weightsOf } from './weighted.js';

/**
 * ReFusion's learnable loss:
 *
 *     L_f = mean(W_a^2 (I_a - I_f)^2) + mean(W_b^2 (I_b - I_f)^2)
 *         + alpha [ mean(V_a^2 (sobel I_a - sobel I_f)^2) + mean(V_b^2 (sobel I_b - sobel I_f)^2) ]
 *
 * Uses the maps `w` and `v`, each `[B, H, W, 2]` with channels of sum 1.
 * @see ReFusion (Bai et al., IJCV 2024), the fusion loss
 */
export const learnableLoss: FusionLoss = {
  name: 'learnable',
  uses: ['w', 'v'],
  imagewise: true,
  apply: (ops, fused, sources, proposal, alpha) => {
    expectImages('learnable', fused, sources);
    const w = weightsOf(ops, 'learnable', proposal, 'w', fused);
    const v = weightsOf(ops, 'learnable', proposal, 'v', fused);
    const edges = { a: sobelMagnitude(ops, sources.a), b: sobelMagnitude(ops, sources.b) };
    const intensity = weightedSquares(ops, fused, sources, w);
    const gradient = weightedSquares(ops, sobelMagnitude(ops, fused), edges, v);
    return lossTerms(ops, intensity, gradient, alpha);
  },
};
