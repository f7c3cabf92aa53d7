import { ndarray, OptionError, ShapeError } from '@refusion/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { Triplet } from './gray.js';
import { type Convention, METRICS, type MetricId, metricsOf } from './registry.js';
import { scoreTriplet } from './score-triplet.js';

function triplet(height: number, width: number): Triplet {
  const values = (step: number) => Uint8Array.from({ length: height * width }, (_, i) => (i * step) % 256);
  const [fused, a, b] = [
    ndarray(values(7), [height, width]),
    ndarray(values(11), [height, width]),
    ndarray(values(29), [height, width]),
  ];
  return { fused, a, b };
}

describe('scoreTriplet', () => {
  const images = triplet(9, 8);

  it('gives what each metric gives, in the order of the tables', () => {
    const scores = scoreTriplet(images);
    expect(Object.keys(scores)).toEqual(['EN', 'SD', 'SF', 'AG', 'SCD', 'SSIM']);
    expect(scores).toEqual(Object.fromEntries(METRICS.map(({ id, compute }) => [id, compute(images)])));
    expectTypeOf(scores).toEqualTypeOf<Record<MetricId, number>>();
  });

  it('computes the metrics asked for, and no other', () => {
    const scores = scoreTriplet(triplet(1, 8), { metrics: ['SD', 'EN'], convention: 'evaluator' });
    expect(Object.keys(scores)).toEqual(['EN', 'SD']);
    expectTypeOf(scores).toEqualTypeOf<Record<'EN' | 'SD', number>>();
    expect(scoreTriplet(images, { metrics: [] })).toEqual({});
  });

  it('refuses unknown names', () => {
    expect(() => scoreTriplet(images, { metrics: ['PSNR' as MetricId] })).toThrow(OptionError);
    expect(() => scoreTriplet(images, { metrics: ['PSNR' as MetricId] })).toThrow(
      'scoreTriplet: metrics must be one of EN, SD, SF, AG, SCD, SSIM, got "PSNR"',
    );
    expect(() => scoreTriplet(images, { convention: 'matlab' as Convention })).toThrow(OptionError);
    expect(() => metricsOf('matlab' as Convention)).toThrow(
      'metricsOf: convention must be one of evaluator, got "matlab"',
    );
  });

  it('refuses images that do not fit together, or are too small for a metric asked for', () => {
    expect(() => scoreTriplet({ ...images, a: triplet(8, 9).a })).toThrow(ShapeError);
    expect(() => scoreTriplet(triplet(6, 6))).toThrow(ShapeError);
  });
});
