import type { Kernels } from '@refusion/autodiff';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type * as tf from '@tensorflow/tfjs-core';
import { conv3x3Kernels } from './conv3x3.js';
import { depthwiseKernels } from './depthwise.js';
import { elementwiseKernels } from './elementwise.js';
import { Heap } from './heap.js';
import { layerNormKernels } from './layer-norm.js';
import { productKernels } from './products.js';
import { reduceKernels } from './reduce.js';
import { sliceKernels } from './slice.js';

/** The kernels that the WebAssembly backend lacks, and faster or more exact ones. */
export function wasmKernels(backend: BackendWasm): Kernels<tf.Tensor> {
  const heap = new Heap(backend);
  return {
    ...elementwiseKernels(heap),
    ...sliceKernels(heap),
    ...reduceKernels(heap),
    ...layerNormKernels(heap),
    ...productKernels(heap),
    ...depthwiseKernels(heap),
    ...conv3x3Kernels(heap),
  };
}
