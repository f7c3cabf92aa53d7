import { RefusionError } from '@refusion/core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { Heap } from './heap.js';
import { memoryGuard } from './memory.js';

/** A backend without memory: filling 4 GB would take a test long. Its answer is that of the real one. */
const full = {
  makeOutput: (shape: number[]) => ({ dataId: {}, shape, dtype: 'float32' }),
  getMemoryOffset: () => 0,
} as unknown as BackendWasm;

const SENTENCE =
  'wasm: the WebAssembly memory (4 GB at most) ran out in "conv3x3"; start again with a smaller batch or crop';

it.each([
  ['a kernel of TensorFlow.js got no memory for its output', () => ({ dataId: {} }) as tf.Tensor],
  ['a kernel of our own got none', () => new Heap(full).allocate([2, 3])],
  [
    'the module trapped',
    () => {
      throw Object.assign(new Error('memory access out of bounds'), { name: 'RuntimeError' });
    },
  ],
])('says what to do when %s', (_label, make) => {
  expect(() => memoryGuard(full)('conv3x3', make)).toThrow(RefusionError);
  expect(() => memoryGuard(full)('conv3x3', make)).toThrow(SENTENCE);
});

it('leaves other errors alone', () => {
  const error = new TypeError('something else');
  const fail = (): tf.Tensor => {
    throw error;
  };
  expect(() => memoryGuard(full)('conv3x3', fail)).toThrow(error);
});
