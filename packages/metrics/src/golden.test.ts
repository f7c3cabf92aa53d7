import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type NdArray, ndarray, ShapeError } from '@refusion/core';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Triplet } from './gray.js';
import { METRIC_IDS, type MetricId, metricsOf, PAPER_METRICS } from './registry.js';

/** The metrics that the Python Evaluator has. */
const EVALUATOR: readonly MetricId[] = [...PAPER_METRICS, 'MI', 'VIF', 'Qabf', 'CC', 'PSNR', 'MSE'];

/** A number, "NaN", "Infinity", or an exception as "Type: message", by the metric's name. */
interface Scores {
  readonly [metric: string]: number | string;
}

/** A triplet of files and what the Python Evaluator gave for them, on float64 and on its own float32 arrays. */
interface Case {
  readonly id: string;
  readonly a: string;
  readonly b: string;
  readonly f: string;
  readonly float64: Scores;
  readonly evaluator: Scores;
}

const repository = new URL('../../../', import.meta.url);
const own = new URL('fixtures/metrics-own/', repository);
const shared = new URL('../shared/', repository);
const real = new URL('golden/metrics.json', shared);

const SATURATED = 'meif-Window2';

function casesOf(file: URL): readonly Case[] {
  const { triplets, edge = [] } = JSON.parse(readFileSync(file, 'utf8'));
  return [...triplets, ...edge];
}

async function readGray(file: URL): Promise<NdArray> {
  const png = sharp(fileURLToPath(file));
  const { space, depth } = await png.metadata();
  const { data, info } = await png.toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
  // Anything else would mean that the values were converted on the way.
  expect([space, depth, info.channels]).toEqual(['b-w', 'uchar', 1]);
  return ndarray(new Uint8Array(data), [info.height, info.width]);
}

async function readTriplet({ f, a, b }: Case, folder: URL): Promise<Triplet> {
  const read = (path: string) => readGray(new URL(path, folder));
  return { fused: await read(f), a: await read(a), b: await read(b) };
}

/**
 * How far float32 takes the Evaluator's scores from those of float64. Its rounding unit is 6e-8, and sums of up to a
 * million squares stay within ten of that: 1e-6, of the value, or of 1 for scores that are differences or correlations.
 * SSIM subtracts squares of up to 65025, known to 0.004, and divides by variances plus 0.0036: where an image is nearly
 * flat a window is off by as much as 1. The mean is off by up to 2.3e-5 where a part of the image is, and by 8e-4 for the
 * picture of a window that is saturated for the most.
 */
function float32Tolerance(id: MetricId, expected: number, triplet: string): number {
  if (id === 'SSIM') return triplet === SATURATED ? 1e-3 : 3e-5;
  return 1e-6 * Math.max(1, Math.abs(expected));
}

/** Every metric of every case, to 1e-9: the summation orders differ, and nothing else. */
function matchesEvaluator(cases: readonly Case[], folder: URL): void {
  describe.each(cases)('$id', (golden) => {
    let triplet: Triplet;
    beforeAll(async () => {
      triplet = await readTriplet(golden, folder);
    });

    it.each(metricsOf('evaluator', EVALUATOR))('$id', ({ id, compute }) => {
      const name = id === 'VIF' ? 'VIFF' : id;
      const expected = golden.float64[name];
      const float32 = golden.evaluator[name];
      if (typeof expected === 'number' && typeof float32 === 'number') {
        const score = compute(triplet);
        expect(Math.abs(score - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected));
        expect(Math.abs(score - float32)).toBeLessThanOrEqual(float32Tolerance(id, float32, golden.id));
      } else if (expected === 'NaN' || expected === 'Infinity') {
        expect(compute(triplet)).toBe(Number(expected));
        expect(float32).toBe(expected);
      } else {
        expect(expected).toMatch(/^(IndexError|ValueError): /);
        expect(() => compute(triplet)).toThrow(ShapeError);
      }
    });
  });
}

describe('the Python Evaluator on fixtures/metrics-own', () => {
  const cases = casesOf(new URL('metrics-own.json', own));

  it('has eight triplets', () => {
    expect(cases).toHaveLength(8);
  });

  matchesEvaluator(cases, own);
});

describe('the Python Evaluator on real images and edge cases', () => {
  const cases = existsSync(real) ? casesOf(real) : [];

  it.runIf(existsSync(real))('has 12 triplets and 24 edge cases (needs the folder ../shared/golden)', () => {
    expect(cases).toHaveLength(36);
  });

  matchesEvaluator(cases, shared);
});

/** Enlarged four times by repetition: large enough for MS-SSIM. */
function enlarged({ data, shape }: NdArray): NdArray {
  const [height, width] = shape as [number, number];
  const pixel = (row: number, column: number) =>
    data[Math.floor(row / 4) * width + Math.floor(column / 4)] ?? 0;
  const values = Uint8Array.from({ length: 16 * height * width }, (_, i) =>
    pixel(Math.floor(i / (4 * width)), i % (4 * width)),
  );
  return ndarray(values, [4 * height, 4 * width]);
}

describe.each(['matlab', 'standard'] as const)('the %s convention by GNU Octave', (convention) => {
  const file = new URL('fixtures/metrics-matlab/metrics-matlab.json', repository);
  const { triplets } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly triplets: readonly (Record<typeof convention, Readonly<Record<MetricId, number>>> & {
      readonly id: string;
    })[];
  };

  it('covers all triplets and metrics', () => {
    expect(triplets.map(({ id }) => id)).toEqual(
      casesOf(new URL('metrics-own.json', own)).map(({ id }) => id),
    );
    for (const golden of triplets)
      expect(Object.keys(golden[convention]).sort()).toEqual([...METRIC_IDS].sort());
  });

  describe.each(casesOf(new URL('metrics-own.json', own)))('$id', (golden) => {
    let triplet: Triplet;
    beforeAll(async () => {
      const images = await readTriplet(golden, own);
      triplet = { ...images, truth: images.a };
    });

    it.each(metricsOf(convention, METRIC_IDS))('$id', ({ id, compute }) => {
      const { fused, a, b } = triplet;
      const images = id === 'MS-SSIM' ? { fused: enlarged(fused), a: enlarged(a), b: enlarged(b) } : triplet;
      const expected =
        triplets.find((candidate) => candidate.id === golden.id)?.[convention][id] ?? Number.NaN;
      const score = compute(images);
      if (Number.isFinite(expected)) {
        expect(Math.abs(score - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected));
      } else {
        expect(score).toBe(expected);
      }
    });
  });
});
