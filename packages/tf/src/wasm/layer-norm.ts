import type { Kernels, LayerNormAttrs } from '@refusion/autodiff';
import { expectShape } from '@refusion/core';
import type * as tf from '@tensorflow/tfjs-core';
import type { Machine } from './heap.js';

type Inputs = readonly tf.Tensor[];

/** Layer normalisation and its derivative without the ten intermediate images of their definitions. */
export function layerNormKernels({ heap, simd }: Machine) {
  return {
    layerNorm: ([x, scale, shift]: Inputs, { epsilon }: LayerNormAttrs) => {
      const { pixels, channels } = pixelsOf(x as tf.Tensor);
      expectShape('layerNorm', 'scale', scale as tf.Tensor, [channels]);
      expectShape('layerNorm', 'shift', shift as tf.Tensor, [channels]);
      const y = heap.allocate((x as tf.Tensor).shape);
      const [from, by, plus] = [x, scale, shift].map((input) => heap.at(input as tf.Tensor)) as Addresses;
      simd.layerNorm(from, by, plus, heap.at(y), pixels, channels, epsilon);
      return y;
    },
    layerNormInputGrad: ([x, d]: Inputs, { epsilon }: LayerNormAttrs) => {
      const { pixels, channels } = pixelsOf(x as tf.Tensor);
      const y = heap.allocate((x as tf.Tensor).shape);
      const [from, slope] = [heap.at(x as tf.Tensor), heap.at(d as tf.Tensor)];
      simd.layerNormInputGrad(from, slope, heap.at(y), pixels, channels, epsilon);
      return y;
    },
  } satisfies Kernels<tf.Tensor>;
}

type Addresses = [number, number, number];

function pixelsOf(x: tf.Tensor): { pixels: number; channels: number } {
  const channels = x.shape.at(-1) as number;
  return { pixels: x.size / channels, channels };
}
