import { moved, type Operation, sumOfTerms } from '../operation.js';
import type { Ops } from '../ops.js';
import type { Tensor } from '../tensor.js';

export interface LayerNormAttrs {
  /** Added to the variance. */
  readonly epsilon: number;
}

type Inputs = readonly [x: Tensor, scale: Tensor, shift: Tensor];

/**
 * Over the last axis: (x - mean) / sqrt(variance + epsilon) * scale + shift, with the biased variance; `scale` and
 * `shift` are `[C]` (Ba et al. 2016). Only x stays on the tape: the normalised values are computed again.
 */
export const layerNorm: Operation<Inputs, LayerNormAttrs> = {
  name: 'layerNorm',
  define: (ops, [x, scale, shift], attrs) =>
    ops.add(ops.mul(standardise(ops, x, attrs).normal, scale), shift),
  vjp: (ops, { inputs: [x, scale, shift], attrs }, ct) => [
    () => ops.apply(layerNormInputGrad, [x, ops.mul(ct, scale)], attrs),
    () => ops.unbroadcast(ops.mul(ct, normalised(ops, x, scale, attrs)), scale.shape),
    () => ops.unbroadcast(ct, shift.shape),
  ],
  jvp: (ops, { inputs: [x, scale], output, attrs }, [dx, dScale, dShift]) =>
    ops.broadcastTo(
      sumOfTerms(ops, [
        // The Jacobian of the normalisation is symmetric, so the vjp serves as the jvp.
        moved(dx, (d) => ops.mul(ops.apply(layerNormInputGrad, [x, d], attrs), scale)),
        moved(dScale, (d) => ops.mul(normalised(ops, x, scale, attrs), d)),
        dShift,
      ]),
      output.shape,
    ),
};

/** The derivative of the normalisation alone: (d - mean d - n mean(n d)) / sigma, n the normalised x. */
export const layerNormInputGrad: Operation<readonly [x: Tensor, d: Tensor], LayerNormAttrs> = {
  name: 'layerNormInputGrad',
  define: (ops, [x, d], attrs) => {
    const { normal, inverseSigma } = standardise(ops, x, attrs);
    const along = ops.mul(normal, lastMean(ops, ops.mul(d, normal)));
    return ops.mul(ops.sub(ops.sub(d, lastMean(ops, d)), along), inverseSigma);
  },
};

/** x normalised, neither scaled nor shifted, by the operation itself: an interpreter may have a kernel for it. */
function normalised(ops: Ops, x: Tensor, { shape }: Tensor, attrs: LayerNormAttrs): Tensor {
  return ops.apply(layerNorm, [x, ops.fill(shape, 1), ops.zeros(shape)], attrs);
}

function lastMean(ops: Ops, x: Tensor): Tensor {
  return ops.mean(x, [x.shape.length - 1], { keepDims: true });
}

function standardise(
  ops: Ops,
  x: Tensor,
  { epsilon }: LayerNormAttrs,
): { normal: Tensor; inverseSigma: Tensor } {
  const centred = ops.sub(x, lastMean(ops, x));
  const variance = lastMean(ops, ops.mul(centred, centred));
  const inverseSigma = ops.div(1, ops.sqrt(ops.add(variance, epsilon)));
  return { normal: ops.mul(centred, inverseSigma), inverseSigma };
}
