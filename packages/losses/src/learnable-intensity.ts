import { expectImages, type FusionLoss, lossTerms } from './interface.js';
import { maximumEdgeDistance } from './maximum.js';
import { weightedSquares, weightsOf } from './weighted.js';

/**
 * Learnable intensity weights with a fixed gradient term, as TDFusion has it:
 *
 *     L_f = mean(W_a^2 (I_a - I_f)^2) + mean(W_b^2 (I_b - I_f)^2)
 *         + alpha mean |sobel I_f - max(sobel I_a, sobel I_b)|
 *
 * Uses the map `w`, `[B, H, W, 2]`.
 * @see TDFusion (Bai et al., CVPR 2025), the fusion loss
 */
export const learnableIntensityLoss: FusionLoss = {
  name: 'learnable-intensity',
  uses: ['w'],
  imagewise: true,
  apply: (ops, fused, sources, proposal, alpha) => {
    expectImages('learnable-intensity', fused, sources);
    const w = weightsOf(ops, 'learnable-intensity', proposal, 'w', fused);
    const intensity = weightedSquares(ops, fused, sources, w);
    return lossTerms(ops, intensity, maximumEdgeDistance(ops, fused, sources), alpha);
  },
};
