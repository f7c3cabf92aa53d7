import type { Kernels, LayerNormAttrs } from '@refusion/autodiff';
import { expectShape } from '@refusion/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Heap } from './heap.js';

type Inputs = readonly tf.Tensor[];

/**
 * Layer normalisation and its derivative pixel by pixel, without the ten intermediate images of their definitions.
 * Sums are in float64, in which the variance may be taken as the mean square less the squared mean.
 */
export function layerNormKernels(heap: Heap) {
  return {
    layerNorm: ([x, scale, shift]: Inputs, { epsilon }: LayerNormAttrs) => {
      const channels = (x as tf.Tensor).shape.at(-1) as number;
      expectShape('layerNorm', 'scale', scale as tf.Tensor, [channels]);
      expectShape('layerNorm', 'shift', shift as tf.Tensor, [channels]);
      const y = heap.allocate((x as tf.Tensor).shape);
      const from = heap.view(x as tf.Tensor);
      normalise(from, heap.view(scale as tf.Tensor), heap.view(shift as tf.Tensor), heap.view(y), epsilon);
      return y;
    },
    layerNormInputGrad: ([x, d]: Inputs, { epsilon }: LayerNormAttrs) => {
      const y = heap.allocate((x as tf.Tensor).shape);
      const channels = (x as tf.Tensor).shape.at(-1) as number;
      project(heap.view(x as tf.Tensor), heap.view(d as tf.Tensor), heap.view(y), channels, epsilon);
      return y;
    },
  } satisfies Kernels<tf.Tensor>;
}

/** y = (x - mean) / sigma * scale + shift */
function normalise(
  x: Float32Array,
  scale: Float32Array,
  shift: Float32Array,
  y: Float32Array,
  epsilon: number,
): void {
  const channels = scale.length;
  for (let begin = 0; begin < x.length; begin += channels) {
    let sum = 0;
    let squares = 0;
    for (let i = begin; i < begin + channels; i++) {
      const value = x[i] as number;
      sum += value;
      squares += value * value;
    }
    const mean = sum / channels;
    const rate = inverseSigma(mean, squares / channels, epsilon);
    for (let c = 0; c < channels; c++) {
      const normal = ((x[begin + c] as number) - mean) * rate;
      y[begin + c] = normal * (scale[c] as number) + (shift[c] as number);
    }
  }
}

/** y = (d - mean d - n mean(n d)) / sigma, n the normalised x */
function project(x: Float32Array, d: Float32Array, y: Float32Array, channels: number, epsilon: number): void {
  for (let begin = 0; begin < x.length; begin += channels) {
    let sum = 0;
    let squares = 0;
    let sumOfD = 0;
    let products = 0;
    for (let i = begin; i < begin + channels; i++) {
      const value = x[i] as number;
      const slope = d[i] as number;
      sum += value;
      squares += value * value;
      sumOfD += slope;
      products += value * slope;
    }
    const mean = sum / channels;
    const meanOfD = sumOfD / channels;
    const rate = inverseSigma(mean, squares / channels, epsilon);
    const along = (products / channels - mean * meanOfD) * rate * rate;
    for (let i = begin; i < begin + channels; i++) {
      y[i] = ((d[i] as number) - meanOfD - ((x[i] as number) - mean) * along) * rate;
    }
  }
}

function inverseSigma(mean: number, meanSquare: number, epsilon: number): number {
  // Rounding may put the variance of equal values a little below 0.
  return 1 / Math.sqrt(Math.max(meanSquare - mean * mean, 0) + epsilon);
}
