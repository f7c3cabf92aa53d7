import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { loadEngine } from './index.js';

it('loads no backend before it is asked to', async () => {
  expect(tf.engine().backendNames()).toEqual([]);
  await loadEngine('cpu');
  expect(tf.engine().backendNames()).toEqual(['cpu']);
});
