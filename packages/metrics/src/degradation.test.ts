import { type NdArray, ndarray, rng } from '@refusion/core';
import { expect, it } from 'vitest';
import { CONVENTIONS } from './convention.js';
import type { Metric } from './metric.js';
import { METRIC_IDS, type MetricId, metricsOf } from './registry.js';

const SIDE = 164;

/** Waves, edges and a little texture: something to lose in every direction and at every scale. */
function scene(): Float64Array {
  const random = rng(5);
  return Float64Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    const step = (Math.floor(x / 23) + Math.floor(y / 17)) % 2 === 0 ? 40 : -40;
    return 128 + step + 25 * Math.sin(x / 3) * Math.cos(y / 5) + 8 * random.uniform();
  });
}

/** Ever more noise, the same at every level. */
function noisy(): NdArray[] {
  const random = rng(6);
  const noise = Float64Array.from({ length: SIDE * SIDE }, () => random.normal());
  return [0, 2, 6, 15].map((deviation) =>
    ndarray(
      scene().map((value, i) => Math.min(255, Math.max(0, value + deviation * (noise[i] ?? 0)))),
      [SIDE, SIDE],
    ),
  );
}

/** Ever more smoothing: half of each pixel and an eighth of its four neighbours, once, twice, ... */
function blurred(): NdArray[] {
  let values = scene();
  return [0, 1, 2, 3].map((level) => {
    if (level > 0) {
      const last = values;
      const at = (x: number, y: number) =>
        last[Math.min(SIDE - 1, Math.max(0, y)) * SIDE + Math.min(SIDE - 1, Math.max(0, x))] ?? 0;
      values = last.map((_, i) => {
        const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
        return at(x, y) / 2 + (at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1)) / 8;
      });
    }
    return ndarray(values, [SIDE, SIDE]);
  });
}

/** Each score is worse than the one before. */
function expectWorse({ better, compute }: Metric<MetricId>, images: readonly NdArray[]): void {
  const original = ndarray(scene(), [SIDE, SIDE]);
  const scores = images.map((fused) => compute({ fused, a: original, b: original, truth: original }));
  expect(scores).toEqual(scores.toSorted((x, y) => (better === 'higher' ? y - x : x - y)));
  expect(new Set(scores).size).toBe(images.length);
}

/** Each definition once, whichever conventions have it. */
function definitions(ids: readonly MetricId[]): Metric<MetricId>[] {
  return [...new Set(CONVENTIONS.flatMap((convention) => metricsOf(convention, ids)))];
}

const ALIKE = METRIC_IDS.filter((id) => !['EN', 'SD', 'SF', 'AG', 'SCD'].includes(id));
const BLURRED = METRIC_IDS.filter((id) => !['EN', 'SCD', 'Nabf'].includes(id));

it.each(definitions(ALIKE))('noise worsens $id, likeness to the sources or the truth', (metric) =>
  expectWorse(metric, noisy()),
);

it.each(definitions(BLURRED))('blur worsens $id, likeness or contrast', (metric) =>
  expectWorse(metric, blurred()),
);
