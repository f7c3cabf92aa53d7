import { type NdArray, ndarray, rng } from '@refusion/core';
import { METRICS, scoreTriplet } from '@refusion/metrics';
import { bench, describe } from 'vitest';

describe('480x640, 8-bit', () => {
  const random = rng(1);
  const noise = (): NdArray =>
    ndarray(
      Uint8Array.from({ length: 480 * 640 }, () => random.integer(256)),
      [480, 640],
    );
  const triplet = { fused: noise(), a: noise(), b: noise() };

  for (const { id, compute } of METRICS) {
    bench(id, () => {
      compute(triplet);
    });
  }

  bench('all six together', () => {
    scoreTriplet(triplet);
  });
});
