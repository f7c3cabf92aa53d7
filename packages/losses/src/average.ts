import { sobelMagnitude } from '@refusion/ops';
import { expectImages, type FusionLoss, lossTerms } from './interface.js';

/**
 * A fixed loss: the mean of both intensities and of both edge strengths.
 *
 *     L_f = mean (I_f - (I_a + I_b)/2)^2 + alpha mean (sobel I_f - (sobel I_a + sobel I_b)/2)^2
 */
export const averageLoss: FusionLoss = {
  name: 'average',
  uses: [],
  imagewise: true,
  apply: (ops, fused, sources, _proposal, alpha) => {
    expectImages('average', fused, sources);
    const distance = (x: typeof fused, a: typeof fused, b: typeof fused) =>
      ops.mean(ops.square(ops.sub(x, ops.mul(ops.add(a, b), 0.5))));
    const [edgesA, edgesB] = [sobelMagnitude(ops, sources.a), sobelMagnitude(ops, sources.b)];
    const intensity = distance(fused, sources.a, sources.b);
    const gradient = distance(sobelMagnitude(ops, fused), edgesA, edgesB);
    return lossTerms(ops, intensity, gradient, alpha);
  },
};
