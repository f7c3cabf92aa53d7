import type { Kernels } from '@refusion/autodiff';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type * as tf from '@tensorflow/tfjs-core';
import { conv3x3Kernels } from './conv3x3.js';
import { depthwiseKernels } from './depthwise.js';
import { elementwiseKernels } from './elementwise.js';
import { Heap } from './heap.js';
import { layerNormKernels } from './layer-norm.js';
import { productKernels } from './products.js';
import type { Simd } from './simd.js';
import { sliceKernels } from './slice.js';
import { sumKernels } from './sums.js';

/** The kernels that the WebAssembly backend lacks, and faster or more exact ones. */
export function ownKernels(backend: BackendWasm, simd: Simd): Kernels<tf.Tensor> {
  const heap = new Heap(backend);
  const machine = { heap, simd };
  return {
    ...elementwiseKernels(machine),
    ...sliceKernels(heap),
    ...sumKernels(machine),
    ...layerNormKernels(machine),
    ...productKernels(machine),
    ...depthwiseKernels(machine),
    ...conv3x3Kernels(machine),
  };
}
