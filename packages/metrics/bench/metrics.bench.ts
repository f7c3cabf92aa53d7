import { type NdArray, ndarray, rng } from '@refusion/core';
import { CONVENTIONS, METRIC_IDS, METRICS, metricsOf, scoreTriplet } from '@refusion/metrics';
import { bench, describe } from 'vitest';

const [HEIGHT, WIDTH] = [480, 640];

/** Waves and a little noise. */
function scene(seed: number): NdArray {
  const random = rng(seed);
  const values = Uint8Array.from({ length: HEIGHT * WIDTH }, (_, i) => {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    return 120 + 60 * Math.sin(x / (9 + seed)) + 40 * Math.cos(y / 23) + random.integer(20);
  });
  return ndarray(values, [HEIGHT, WIDTH]);
}

const triplet = { fused: scene(1), a: scene(2), b: scene(3), truth: scene(4) };

describe.each(CONVENTIONS)('480x640, 8-bit, %s', (convention) => {
  // What has one definition everywhere is timed in the first.
  const own = metricsOf(convention, METRIC_IDS).filter(
    (metric) => convention === 'evaluator' || !METRICS.some((other) => other === metric),
  );

  for (const { id, compute } of own) {
    bench(id, () => {
      compute(triplet);
    });
  }

  bench('the six of the tables together', () => {
    scoreTriplet(triplet, { convention });
  });

  bench('the twelve of the Evaluator together', () => {
    scoreTriplet(triplet, { convention, metrics: METRIC_IDS.slice(0, 12) });
  });
});
