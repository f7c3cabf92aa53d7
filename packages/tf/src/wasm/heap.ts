import type { Shape } from '@refusion/core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import type { Address, Simd } from './simd.js';

/**
 * The memory of TensorFlow.js's WebAssembly backend, for kernels of our own. Allocating may grow the memory, which
 * detaches every view: a kernel allocates first and takes its views after. Addresses stay.
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

  /** Room for float64 sums, all 0; like every tensor that a kernel does not return, freed after the kernel. */
  sums(count: number): Sums {
    const tensor = this.allocate<tf.Tensor1D>([2 * count]);
    this.view(tensor).fill(0);
    return { at: this.at(tensor), read: () => this.doubles(tensor) };
  }

  /** A tensor's values in place. */
  view(x: tf.Tensor): Float32Array {
    return this.backend.typedArrayFromHeap(x) as Float32Array;
  }

  at(x: tf.Tensor): Address {
    return this.backend.getMemoryOffset(x.dataId);
  }

  private doubles(x: tf.Tensor): Float64Array {
    const { buffer, byteOffset, byteLength } = this.view(x);
    return new Float64Array(buffer, byteOffset, byteLength / Float64Array.BYTES_PER_ELEMENT);
  }
}

export interface Sums {
  readonly at: Address;
  /** The sums in place. */
  readonly read: () => Float64Array;
}

/** What a kernel works with. */
export interface Machine {
  readonly heap: Heap;
  readonly simd: Simd;
}
