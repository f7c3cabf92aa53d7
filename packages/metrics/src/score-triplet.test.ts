import { ndarray, OptionError, ShapeError } from '@refusion/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { CONVENTIONS, type Convention } from './convention.js';
import { preparedImage, type Triplet } from './gray.js';
import {
  METRIC_IDS,
  METRICS,
  type MetricId,
  metricsOf,
  PAPER_METRICS,
  type PaperMetricId,
} from './registry.js';
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

  it('gives what each metric of the tables gives, in their order', () => {
    const scores = scoreTriplet(images);
    expect(Object.keys(scores)).toEqual(['EN', 'SD', 'SF', 'AG', 'SCD', 'SSIM']);
    expect(scores).toEqual(
      Object.fromEntries(METRICS.slice(0, 6).map(({ id, compute }) => [id, compute(images)])),
    );
    expectTypeOf(scores).toEqualTypeOf<Record<PaperMetricId, number>>();
  });

  it('computes the metrics asked for, and no other', () => {
    const scores = scoreTriplet(triplet(1, 8), { metrics: ['MSE', 'EN'], convention: 'evaluator' });
    expect(Object.keys(scores)).toEqual(['EN', 'MSE']);
    expectTypeOf(scores).toEqualTypeOf<Record<'EN' | 'MSE', number>>();
    expect(scoreTriplet(images, { metrics: [] })).toEqual({});
  });

  it.each(CONVENTIONS)('gives the same together as one by one in %s', (convention) => {
    const large = { ...triplet(161, 163), truth: triplet(161, 163).b };
    const scores = scoreTriplet(large, { metrics: METRIC_IDS, convention });
    expect(Object.keys(scores)).toEqual(METRIC_IDS);
    for (const { id, compute } of metricsOf(convention, METRIC_IDS)) expect(scores[id]).toBe(compute(large));
  });

  it('says which metric the images are too small for', () => {
    const small = triplet(6, 8);
    const error = (() => {
      try {
        return scoreTriplet(small, { metrics: ['EN', 'SSIM'] });
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(ShapeError);
    const reason = 'the images must be at least 7x7 pixels, got a height of 6 and a width of 8';
    expect(error).toMatchObject({ metric: 'SSIM', reason, message: `scoreTriplet: SSIM: ${reason}` });
  });

  it('gives the same with images that were prepared once for several triplets', () => {
    const large = triplet(161, 163);
    const [a, b] = [preparedImage(large.a), preparedImage(large.b)];
    for (const convention of CONVENTIONS) {
      const options = { metrics: METRIC_IDS.slice(0, 16), convention };
      for (const fused of [large.fused, large.a]) {
        expect(scoreTriplet({ fused, a, b }, options)).toEqual(scoreTriplet({ ...large, fused }, options));
      }
    }
    expect(() => preparedImage(ndarray(Float64Array.of(-1), [1, 1]))).toThrow(
      'preparedImage: image must have gray values',
    );
  });

  it('refuses unknown names', () => {
    expect(() => scoreTriplet(images, { metrics: ['LPIPS' as MetricId] })).toThrow(OptionError);
    expect(() => scoreTriplet(images, { metrics: ['LPIPS' as MetricId] })).toThrow(
      'scoreTriplet: metrics must be one of EN, SD, SF, AG, SCD, SSIM, MI, VIF, Qabf, CC, PSNR, MSE, NMI, Nabf, MS-SSIM, FMI, PSNR-R, SSIM-R, MAE-R, got "LPIPS"',
    );
    expect(() => scoreTriplet(images, { convention: 'python' as Convention })).toThrow(OptionError);
    expect(() => metricsOf('python' as Convention)).toThrow(
      'metricsOf: convention must be one of evaluator, matlab, standard, got "python"',
    );
    expect(() => metricsOf('matlab', ['LPIPS' as MetricId])).toThrow(OptionError);
  });

  it('refuses images that do not fit together, or are too small for a metric asked for', () => {
    expect(() => scoreTriplet({ ...images, a: triplet(8, 9).a })).toThrow(ShapeError);
    expect(() => scoreTriplet({ ...images, truth: triplet(8, 9).a })).toThrow(
      'scoreTriplet: truth must have the shape of fused [9,8], got [8,9]',
    );
    expect(() => scoreTriplet(triplet(6, 6))).toThrow(ShapeError);
  });

  it('refuses to compare with a truth that is not there', () => {
    expect(() => scoreTriplet(images, { metrics: ['PSNR-R'] })).toThrow(
      'PSNR-R: the triplet has no truth, the image that fusion should have given; add it',
    );
  });
});

describe('metricsOf', () => {
  it('gives the metrics of the tables unless others are named', () => {
    expect(metricsOf('standard').map(({ id }) => id)).toEqual(PAPER_METRICS);
    expect(metricsOf('standard', ['PSNR', 'EN']).map(({ id }) => id)).toEqual(['EN', 'PSNR']);
  });

  it.each(CONVENTIONS)('has every metric in %s, in one order', (convention) => {
    expect(metricsOf(convention, METRIC_IDS).map(({ id }) => id)).toEqual(METRIC_IDS);
  });
});
