import type { Kernels } from '@refusion/autodiff';
import * as tf from '@tensorflow/tfjs-core';
import { type Image, imageFromRows, rowsOf } from '../images.js';
import { multiply } from './products.js';

type Inputs = readonly tf.Tensor[];

/** `[O,I,1,1] -> [I,O]` */
export function pointwiseMatrix(filter: tf.Tensor): tf.Tensor2D {
  const [O, I] = filter.shape as [number, number];
  return tf.transpose(tf.reshape(filter, [O, I]));
}

/** `[O,I,3,3] -> [3,3,I,O]` */
function fullFilter(filter: tf.Tensor): tf.Tensor4D {
  return tf.transpose(filter as tf.Tensor4D, [2, 3, 1, 0]);
}

/** `[C,1,3,3] -> [3,3,C,1]` */
function channelFilter(filter: tf.Tensor): tf.Tensor4D {
  return tf.transpose(filter as tf.Tensor4D, [2, 3, 0, 1]);
}

/** The filter of a convolution's input gradient: turned by 180 degrees, inputs and outputs exchanged. */
function adjointFilter(filter: tf.Tensor): tf.Tensor4D {
  return tf.transpose(tf.reverse(filter as tf.Tensor4D, [2, 3]), [2, 3, 0, 1]);
}

const SAME = { strides: [1, 1], dilations: [1, 1], pad: 'same', dataFormat: 'NHWC' };

function stockFilterGrad(kernel: string, x: tf.Tensor, dy: tf.Tensor, filterShape: number[]): tf.Tensor4D {
  return tf.engine().runKernel<tf.Tensor4D>(kernel, { x, dy }, { ...SAME, filterShape });
}

/**
 * Convolutions by TensorFlow.js's kernels. Filters come in PyTorch's order and are transposed here: they are small,
 * and every packed copy that a backend keeps of a filter goes when the transposed one does.
 */
export const convolutionKernels = {
  pointwise: ([x, w]: Inputs) => {
    const [image, filter] = [x as Image, w as tf.Tensor];
    const y = multiply(rowsOf(image), pointwiseMatrix(filter));
    return imageFromRows(y, image);
  },
  pointwiseInputGrad: ([dy, w]: Inputs) => {
    const [slope, filter] = [dy as Image, w as tf.Tensor];
    const [O, I] = filter.shape as [number, number];
    const dx = multiply(rowsOf(slope), tf.reshape(filter, [O, I]));
    return imageFromRows(dx, slope);
  },
  pointwiseFilterGrad: ([x, dy]: Inputs) => {
    const [image, slope] = [x as Image, dy as Image];
    const product = multiply(tf.transpose(rowsOf(slope)), rowsOf(image));
    return tf.reshape(product, [slope.shape[3], image.shape[3], 1, 1]);
  },
  depthwise: ([x, w]: Inputs) => tf.depthwiseConv2d(x as Image, channelFilter(w as tf.Tensor), 1, 'same'),
  depthwiseInputGrad: ([dy, w]: Inputs) =>
    tf.depthwiseConv2d(dy as Image, tf.reverse(channelFilter(w as tf.Tensor), [0, 1]), 1, 'same'),
  depthwiseFilterGrad: ([x, dy]: Inputs) => {
    const C = (x as Image).shape[3];
    const kernel = tf.DepthwiseConv2dNativeBackpropFilter;
    const gradient = stockFilterGrad(kernel, x as Image, dy as Image, [3, 3, C, 1]);
    return tf.transpose(gradient, [2, 3, 0, 1]);
  },
  conv3x3: ([x, w]: Inputs) => tf.conv2d(x as Image, fullFilter(w as tf.Tensor), 1, 'same'),
  conv3x3InputGrad: ([dy, w]: Inputs) => tf.conv2d(dy as Image, adjointFilter(w as tf.Tensor), 1, 'same'),
  conv3x3FilterGrad: ([x, dy]: Inputs) => {
    const [I, O] = [(x as Image).shape[3], (dy as Image).shape[3]];
    const gradient = stockFilterGrad(tf.Conv2DBackpropFilter, x as Image, dy as Image, [3, 3, I, O]);
    return tf.transpose(gradient, [3, 2, 0, 1]);
  },
} satisfies Kernels<tf.Tensor>;
