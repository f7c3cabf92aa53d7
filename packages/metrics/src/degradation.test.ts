import { type NdArray, ndarray, rng } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { CONVENTIONS } from './convention.js';
import type { Triplet } from './gray.js';
import type { Metric } from './metric.js';
import { METRIC_IDS, type MetricId, metricsOf } from './registry.js';
import { propertiesOf } from './test-properties.js';

const SIDE = 164;

/** Waves, edges and a little texture at random: something to lose in every direction and at every scale. */
function scene(seed: number): Float64Array {
  const random = rng(seed);
  const [tileX, tileY] = [17 + random.integer(9), 14 + random.integer(9)];
  const [waveX, waveY] = [3 + random.uniform(), 4 + 2 * random.uniform()];
  return Float64Array.from({ length: SIDE * SIDE }, (_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    const step = (Math.floor(x / tileX) + Math.floor(y / tileY)) % 2 === 0 ? 40 : -40;
    return 128 + step + 25 * Math.sin(x / waveX) * Math.cos(y / waveY) + 8 * random.uniform();
  });
}

const image = (values: Float64Array): NdArray => ndarray(values, [SIDE, SIDE]);

/** Ever more noise, the same at every level. */
function noisy(original: Float64Array, seed: number): NdArray[] {
  const random = rng(seed + 1000);
  const noise = Float64Array.from({ length: SIDE * SIDE }, () => random.normal());
  return [0, 2, 6, 15].map((deviation) =>
    image(original.map((value, i) => Math.min(255, Math.max(0, value + deviation * (noise[i] ?? 0))))),
  );
}

/** Half of each pixel and an eighth of its four neighbours. */
function smoothed(values: Float64Array): Float64Array {
  const inside = (place: number) => Math.min(SIDE - 1, Math.max(0, place));
  const at = (x: number, y: number) => values[inside(y) * SIDE + inside(x)] ?? 0;
  return values.map((_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    return at(x, y) / 2 + (at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1)) / 8;
  });
}

/** Ever more smoothing. */
function blurred(original: Float64Array): NdArray[] {
  const once = smoothed(original);
  const twice = smoothed(once);
  return [original, once, twice, smoothed(twice)].map(image);
}

/**
 * A perfect fusion of two sources and a truth, in ever worse copies: the three are equal, but for SCD, which is not
 * defined there: of its sources each has what the other lacks, and the fused image both.
 */
function sourcesOf(id: MetricId, fused: Float64Array, seed: number): Omit<Triplet, 'fused'> {
  if (id !== 'SCD') return { a: image(fused), b: image(fused), truth: image(fused) };
  const other = scene(seed + 500).map((value) => value / 4);
  return { a: image(other), b: image(fused.map((value, i) => value - (other[i] ?? 0))) };
}

/** Each definition once, if it has a property, with the random seeds that it is tried with. */
function having(
  property: 'noise' | 'blur',
  value: string,
): { metric: Metric<MetricId>; id: string; seed: number }[] {
  const definitions = CONVENTIONS.flatMap((convention) =>
    metricsOf(convention, METRIC_IDS).filter(({ id }) => propertiesOf(convention, id)[property] === value),
  );
  return [...new Set(definitions)].flatMap((metric) =>
    [5, 6].map((seed) => ({ metric, id: metric.id, seed })),
  );
}

/** The scores of ever worse images, with a sign that makes more of them better. */
function scoresOf(
  { id, better, compute }: Metric<MetricId>,
  images: readonly NdArray[],
  seed: number,
): number[] {
  const sources = sourcesOf(id, scene(seed), seed);
  const sign = better === 'higher' ? 1 : -1;
  return images.map((fused) => sign * compute({ fused, ...sources }));
}

function expectFalling(scores: readonly number[]): void {
  expect(scores).toEqual(scores.toSorted((x, y) => y - x));
  expect(new Set(scores).size).toBe(scores.length);
}

describe('ever more noise', () => {
  it.each(having('noise', 'worse'))('worsens $id, scene $seed', ({ metric, seed }) =>
    expectFalling(scoresOf(metric, noisy(scene(seed), seed), seed)),
  );

  it.each(having('noise', 'rises'))(
    'looks like detail to $id, which knows no sources, scene $seed',
    ({ metric, seed }) => expectFalling(scoresOf(metric, noisy(scene(seed), seed), seed).reverse()),
  );
});

describe('ever more blur', () => {
  it.each(having('blur', 'worse'))('worsens $id, scene $seed', ({ metric, seed }) =>
    expectFalling(scoresOf(metric, blurred(scene(seed)), seed)),
  );
});
