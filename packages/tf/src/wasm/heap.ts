import type { Shape } from '@refusion/core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';

/**
 * The memory of TensorFlow.js's WebAssembly backend, for kernels written here. Allocating may grow the memory, which
 * detaches every view: a kernel allocates first and takes its views after.
 */
export class Heap {
  constructor(private readonly backend: BackendWasm) {}

  /**
   * A new tensor whose values are still to be written.
   * @throws AllocationError if the memory is full (see `throwWhenFull`)
   */
  allocate<T extends tf.Tensor>(shape: Shape): T {
    const info = this.backend.makeOutput([...shape], 'float32');
    return tf.engine().makeTensorFromTensorInfo(info, this.backend) as T;
  }

  /** A tensor's values in place. */
  view(x: tf.Tensor): Float32Array {
    return this.backend.typedArrayFromHeap(x) as Float32Array;
  }

  /** A new tensor with the values of another, from a place on. */
  copy<T extends tf.Tensor>(x: tf.Tensor, begin: number, shape: Shape): T {
    const y = this.allocate<T>(shape);
    this.view(y).set(this.view(x).subarray(begin, begin + y.size));
    return y;
  }
}
