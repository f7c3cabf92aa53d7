import type { Tensor } from '@refusion/autodiff';
import { RefusionError, ShapeError } from '@refusion/core';
import * as tf from '@tensorflow/tfjs-core';

/**
 * A tensor as TensorFlow.js's, released or not.
 * @throws ShapeError if it is not one
 */
export function tensorFlowTensor(engine: string, x: Tensor): tf.Tensor {
  if (x instanceof tf.Tensor) return x;
  throw new ShapeError(
    `${engine}: the tensor [${x.shape}] belongs to another engine or is still being traced`,
  );
}

/**
 * A tensor that kernels of one backend can use.
 * @throws ShapeError if it belongs to another engine; RefusionError if it has been released
 */
export function ownTensor(engine: string, backend: tf.KernelBackend, x: Tensor): tf.Tensor {
  const tensor = tensorFlowTensor(engine, x);
  if (tensor.isDisposed) {
    throw new RefusionError(`${engine}: the tensor [${x.shape}] has been released and cannot be used again`);
  }
  // Without this check TensorFlow.js would move the values from backend to backend without a word.
  if (backend.refCount(tensor.dataId) === 0) {
    throw new ShapeError(`${engine}: the tensor [${x.shape}] belongs to another TensorFlow.js backend`);
  }
  if (tensor.dtype !== 'float32') {
    throw new ShapeError(`${engine}: the tensor [${x.shape}] must be of type float32, got ${tensor.dtype}`);
  }
  return tensor;
}
