import { RefusionError } from '@refusion/core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Guard } from '../interpreter.js';

/** No memory was left for a tensor. */
export class AllocationError extends Error {}

/** The memory of an engine does not suffice for what it is to compute. */
export class MemoryError extends RefusionError {
  override readonly name = 'MemoryError';
}

/** The part of the backend's module that hands out memory. */
interface Allocator {
  _malloc(bytes: number): number;
  _free(address: number): void;
}

/** How many bytes a WebAssembly memory can have. */
const ADDRESSES = 2 ** 32;

const guarded = new WeakSet<Allocator>();

/**
 * Makes the backend throw where there is no memory for a tensor. By itself it goes on with address 0, over which its
 * kernels then write the module's own data, so that nothing works any more; this way the tensors that are there stay
 * good, and work goes on once some are freed.
 */
export function throwWhenFull(backend: BackendWasm): void {
  const module = backend.wasm as unknown as Allocator; // its declaration leaves these two out
  if (guarded.has(module)) return;
  guarded.add(module);
  module._free(module._malloc(8)); // the first call replaces the function by the compiled one
  const allocate = module._malloc;
  module._malloc = (bytes) => {
    const address = bytes < ADDRESSES ? allocate(bytes) : 0; // a larger number would wrap around
    if (address === 0 && bytes > 0) throw new AllocationError();
    return address;
  };
}

/** Makes a sentence of what happens when the memory is full. */
export function memoryGuard(backend: BackendWasm): Guard {
  throwWhenFull(backend);
  return (where, make) => {
    try {
      return make();
    } catch (cause) {
      throw isMemoryError(cause) ? outOfMemory(where, cause) : cause;
    }
  };
}

/** A trap ("memory access out of bounds") or an abort of the module follows where a kernel's own buffers do not fit. */
function isMemoryError(error: unknown): boolean {
  return error instanceof AllocationError || (error instanceof Error && error.name === 'RuntimeError');
}

function outOfMemory(where: string, cause: unknown): MemoryError {
  return new MemoryError(
    `wasm: the WebAssembly memory (4 GB at most) ran out in "${where}"; use a smaller batch, crop or picture`,
    { cause },
  );
}
