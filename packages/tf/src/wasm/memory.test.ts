import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { loadEngine } from '../engine.js';
import { MemoryError, memoryGuard } from './memory.js';

const SENTENCE =
  'wasm: the WebAssembly memory (4 GB at most) ran out in "broadcastTo"; use a smaller batch, crop or picture';

it('says what to do when the memory is full, and goes on when some is free', async () => {
  const { ops, read, release, tensorCount } = await loadEngine('wasm');
  const before = tensorCount();
  const kept = ops.constant([1, 2, 3], [3]);
  // 5 GB at once: more than a WebAssembly memory can have.
  expect(() => ops.scope(() => ops.fill([1250, 1000, 1000], 1))).toThrow(new MemoryError(SENTENCE));
  const sum = ops.scope(() => ops.add(kept, ops.sum(ops.fill([64, 64], 0.5))));
  expect(await read(sum)).toEqual(Float32Array.of(2049, 2050, 2051));
  release([kept, sum]);
  expect(tensorCount()).toBe(before);
});

/** A backend whose module answers a request for memory with an address, 0 meaning that there is none. */
function backendWith(address: number): { backend: BackendWasm; allocate: () => number } {
  const wasm = { _malloc: (_bytes: number) => address, _free: () => {} };
  return { backend: { wasm } as unknown as BackendWasm, allocate: () => wasm._malloc(16) };
}

it('explains that there was no memory for a tensor', () => {
  const { backend, allocate } = backendWith(0);
  const guard = memoryGuard(backend);
  expect(() => guard('broadcastTo', () => allocate() as unknown as tf.Tensor)).toThrow(SENTENCE);
});

it('explains a trap of the module', () => {
  const trap = (): tf.Tensor => {
    throw Object.assign(new Error('memory access out of bounds'), { name: 'RuntimeError' });
  };
  expect(() => memoryGuard(backendWith(8).backend)('broadcastTo', trap)).toThrow(SENTENCE);
});

it('leaves other errors alone', () => {
  const error = new TypeError('something else');
  const fail = (): tf.Tensor => {
    throw error;
  };
  expect(() => memoryGuard(backendWith(8).backend)('conv3x3', fail)).toThrow(error);
});
