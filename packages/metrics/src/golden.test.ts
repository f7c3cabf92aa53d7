import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type NdArray, ndarray, ShapeError } from '@refusion/core';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Triplet } from './gray.js';
import { METRICS } from './registry.js';

/** A triplet of files and what the Python Evaluator, on float64 arrays, gave for them. */
interface Case {
  readonly id: string;
  readonly a: string;
  readonly b: string;
  readonly f: string;
  /** A number, "NaN", or an exception as "Type: message". */
  readonly float64: { readonly [metric: string]: number | string };
}

const repository = new URL('../../../', import.meta.url);
const own = new URL('fixtures/metrics-own/', repository);
const shared = new URL('../shared/', repository);
const real = new URL('golden/metrics.json', shared);

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

/** Every metric of every case, to 1e-9: the summation orders differ, and nothing else. */
function matchesEvaluator(cases: readonly Case[], folder: URL): void {
  describe.each(cases)('$id', (golden) => {
    let triplet: Triplet;
    beforeAll(async () => {
      const [fused, a, b] = await Promise.all(
        [golden.f, golden.a, golden.b].map((path) => readGray(new URL(path, folder))),
      );
      triplet = { fused, a, b } as Triplet;
    });

    it.each(METRICS)('$id', (metric) => {
      const expected = golden.float64[metric.id];
      if (typeof expected === 'number') {
        const score = metric.compute(triplet);
        expect(Math.abs(score - expected)).toBeLessThanOrEqual(1e-9 * Math.abs(expected));
      } else if (expected === 'NaN') {
        expect(metric.compute(triplet)).toBeNaN();
      } else {
        expect(expected).toMatch(/^(IndexError|ValueError): /);
        expect(() => metric.compute(triplet)).toThrow(ShapeError);
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
