import { expect, it, vi } from 'vitest';
import { useTriplets } from './metrics/test-triplets.js';
import { bench } from './test-bench.js';

vi.mock('@refusion/tf', () => {
  throw new Error('TensorFlow.js was loaded');
});

const { metrics, fused } = useTriplets();

it('scores without loading TensorFlow.js, which takes a while', async () => {
  const outcome = await metrics(...fused('ours', 'f'), '--metrics', 'EN', '--quiet');
  expect(outcome).toMatchObject({ code: 0, stderr: '' });
  // What it would be to load it.
  await expect(bench('verify')).rejects.toThrow('There was an error when mocking a module');
});
