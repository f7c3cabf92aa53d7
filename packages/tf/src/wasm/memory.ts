import { RefusionError } from '@refusion/core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type * as tf from '@tensorflow/tfjs-core';
import type { Guard } from '../interpreter.js';

/** No memory was left for a tensor. */
export class AllocationError extends Error {}

/** @throws AllocationError if there was no memory for a tensor: the backend itself goes on with address 0 */
export function expectAllocated(backend: BackendWasm, x: tf.TensorInfo): void {
  if (backend.getMemoryOffset(x.dataId) === 0) throw new AllocationError();
}

/** Makes a sentence of what happens when the memory is full. */
export function memoryGuard(backend: BackendWasm): Guard {
  return (where, make) => {
    try {
      const x = make();
      expectAllocated(backend, x);
      return x;
    } catch (cause) {
      throw isMemoryError(cause) ? outOfMemory(where, cause) : cause;
    }
  };
}

/** A trap ("memory access out of bounds") or an abort of the module follows writing through address 0. */
function isMemoryError(error: unknown): boolean {
  return error instanceof AllocationError || (error instanceof Error && error.name === 'RuntimeError');
}

function outOfMemory(where: string, cause: unknown): RefusionError {
  return new RefusionError(
    `wasm: the WebAssembly memory (4 GB at most) ran out in "${where}"; start again with a smaller batch or crop`,
    { cause },
  );
}
