import { type NdArray, ndarray, OptionError, rng } from '@refusion/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONVENTIONS, type Convention } from './convention.js';
import { entropy as entropyOf } from './entropy.js';
import type { Triplet } from './gray.js';
import type { Metric } from './metric.js';
import { METRIC_IDS, type MetricId, metricsOf } from './registry.js';
import { type Properties, propertiesOf } from './test-properties.js';

/** The least side that a metric is defined for in every convention, and how often a property is tried there. */
function sizeOf(id: MetricId): { readonly side: number; readonly numRuns: number } {
  if (id === 'MS-SSIM') return { side: 161, numRuns: 4 };
  return id === 'VIF' ? { side: 41, numRuns: 20 } : { side: 11, numRuns: 60 };
}

/** Quadruplets of small 8-bit images, a third of them of few gray levels or one, with values 0..`brightest`. */
function triplets(side: number, brightest = 255): fc.Arbitrary<Triplet> {
  const length = fc.integer({ min: side, max: side + 5 });
  const levels = fc.oneof(fc.integer({ min: 1, max: 3 }), fc.constantFrom(20, brightest + 1));
  return fc
    .record({ seed: fc.nat(), height: length, width: length, levels: fc.tuple(levels, levels, levels) })
    .map(({ seed, height, width, levels: [ofFused, ofA, ofB] }) => {
      const random = rng(seed);
      const image = (count: number): NdArray => {
        const step = Math.floor(brightest / Math.max(1, count - 1));
        const values = Uint8Array.from({ length: height * width }, () => step * random.integer(count));
        return ndarray(values, [height, width]);
      };
      return { fused: image(ofFused), a: image(ofA), b: image(ofB), truth: image(ofA) };
    });
}

function mapTriplet({ fused, a, b, truth = fused }: Triplet, change: (image: NdArray) => NdArray): Triplet {
  return { fused: change(fused), a: change(a), b: change(b), truth: change(truth) };
}

const mapValues = (change: (value: number) => number) => (image: NdArray) =>
  ndarray(Float64Array.from(image.data, change), image.shape);

const constantTriplet = (value: number, side: number): Triplet => {
  const image = ndarray(new Float64Array(side * (side + 2)).fill(value), [side, side + 2]);
  return { fused: image, a: image, b: image, truth: image };
};

/** Equal to `tolerance`, the order of summation being all that differs; NaN or Infinity where the other is. */
function expectClose(actual: number, expected: number, tolerance = 1e-9): void {
  if (!Number.isFinite(expected)) expect(actual).toBe(expected);
  else expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(expected)));
}

/** A definition, with the conventions that have it and the properties that it has there. */
type Definition = Metric<MetricId> & { readonly convention: string; readonly properties: Properties };

/** Each definition once. */
function metricsFor(ids: readonly MetricId[]): Definition[] {
  const conventionsOf = new Map<Metric<MetricId>, Convention[]>();
  for (const convention of CONVENTIONS) {
    for (const metric of metricsOf(convention, ids)) {
      conventionsOf.set(metric, [...(conventionsOf.get(metric) ?? []), convention]);
    }
  }
  return [...conventionsOf].map(([metric, names]) => ({
    ...metric,
    convention: names.join(', '),
    properties: propertiesOf(names[0] as Convention, metric.id),
  }));
}

/** The definitions that have a property. */
const withA = (property: keyof Properties) =>
  metricsFor(METRIC_IDS).filter(({ properties }) => properties[property] !== null);

const without = (...ids: MetricId[]) => METRIC_IDS.filter((id) => !ids.includes(id));

describe.each(metricsFor(METRIC_IDS))('$id in $convention', (metric) => {
  const { id, compute, range, constant, undefinedWhere, combine } = metric;
  const { side, numRuns } = sizeOf(id);

  it('gives what its descriptor says on a constant image', () => {
    // Qabf's curves are off by up to 2e-11.
    expectClose(compute(constantTriplet(128, side)), constant, id === 'Qabf' ? 2e-11 : 1e-15);
  });

  it('stays in its range, and is not finite only where it says so', () => {
    const property = fc.property(triplets(side), (images) => {
      const score = compute(images);
      if (Number.isNaN(score)) expect(undefinedWhere).toContain('NaN');
      // A perfect correlation may come out as 1 + 2e-16.
      else expect(score).toSatisfy((x: number) => x >= range[0] - 1e-12 && x <= range[1] + 1e-12);
      if (Math.abs(score) === Number.POSITIVE_INFINITY) expect(undefinedWhere).toContain('Infinity');
    });
    fc.assert(property, { numRuns });
  });

  it('is not silent about a missing truth', () => {
    const { fused, a, b } = constantTriplet(128, side);
    if (combine === 'truth') expect(() => compute({ fused, a, b })).toThrow(OptionError);
    else expect(compute({ fused, a, b })).toBe(compute(constantTriplet(128, side)));
  });
});

describe.each(withA('exchange'))('$id in $convention', ({ id, compute }) => {
  it('does not depend on the order of the sources', () => {
    const { side, numRuns } = sizeOf(id);
    const property = fc.property(triplets(side), (images) => {
      const { a, b } = images;
      expect(compute({ ...images, a: b, b: a })).toBe(compute(images));
    });
    fc.assert(property, { numRuns });
  });
});

describe.each(withA('equal'))('$id in $convention', ({ id, unit, compute, properties: { equal } }) => {
  it('has its value where the fused image equals both sources and the truth', () => {
    const { side, numRuns } = sizeOf(id);
    const property = fc.property(triplets(side), ({ fused }) => {
      fc.pre(new Set(fused.data).size > 1);
      const entropy = entropyOf(fused) * (unit === 'nat' ? Math.LN2 : 1);
      const expected = equal === '2 EN' ? 2 * entropy : (equal as number);
      expectClose(compute({ fused, a: fused, b: fused, truth: fused }), expected);
    });
    fc.assert(property, { numRuns });
  });
});

// A term of SCD has both sources in it; PSNR is the ratio to a mean, not the mean of ratios.
const ofTerms = metricsFor(without('SCD', 'PSNR')).filter(({ properties }) => properties.exchange);

describe.each(ofTerms.filter(({ combine }) => combine === 'sum' || combine === 'mean'))(
  '$id in $convention',
  ({ id, compute }) => {
    it('has one term for each source', () => {
      const { side, numRuns } = sizeOf(id);
      const property = fc.property(triplets(side), ({ fused, a, b }) => {
        const twice = (source: NdArray) => compute({ fused, a: source, b: source });
        expectClose(compute({ fused, a, b }), (twice(a) + twice(b)) / 2);
      });
      fc.assert(property, { numRuns });
    });
  },
);

/** Tries that an exchange of pixels changes nothing. */
function survives({ id, compute }: Metric<MetricId>, exchange: (image: NdArray) => NdArray): void {
  const { side, numRuns } = sizeOf(id);
  const property = fc.property(triplets(side), (images) => {
    expectClose(compute(mapTriplet(images, exchange)), compute(images));
  });
  fc.assert(property, { numRuns });
}

const turn = ({ data, shape }: NdArray): NdArray => ndarray(data.slice().reverse(), shape);

function transpose({ data, shape }: NdArray): NdArray {
  const [height, width] = shape as [number, number];
  return { data, shape: [width, height], stride: [1, width] };
}

it.each(metricsFor(['FMI', 'Qabf', 'Nabf']))(
  '$id in $convention is the same for images upside down',
  (metric) => survives(metric, turn),
);

// FMI goes through the columns; Qabf and Nabf have angles between -90 and 90 degrees, to which those of no edge are 90 or 0.
it.each(metricsFor(without('FMI', 'Qabf', 'Nabf')))(
  '$id in $convention treats rows and columns alike',
  (metric) => survives(metric, transpose),
);

describe.each(withA('brighter'))('$id in $convention', ({ id, compute }) => {
  it('is the same for brighter images', () => {
    const { side, numRuns } = sizeOf(id);
    const property = fc.property(triplets(side, 200), fc.integer({ min: 0, max: 55 }), (images, step) => {
      const brighter = mapTriplet(
        images,
        mapValues((value) => value + step),
      );
      expectClose(compute(brighter), compute(images));
    });
    fc.assert(property, { numRuns });
  });
});

describe.each(withA('contrast'))('$id in $convention', ({ id, compute, properties: { contrast } }) => {
  it('follows the contrast', () => {
    const change = (score: number, factor: number) =>
      contrast === 'dB' ? score - 20 * Math.log10(factor) : score * factor ** (contrast as number);
    const { side } = sizeOf(id);
    fc.assert(
      fc.property(triplets(side, 85), fc.integer({ min: 1, max: 3 }), (images, factor) => {
        const stretched = mapTriplet(
          images,
          mapValues((value) => value * factor),
        );
        expectClose(compute(stretched), change(compute(images), factor));
      }),
    );
  });
});

// SSIM compares means too, and FMI has the shares above the least value.
describe.each(metricsFor(without('SSIM', 'MS-SSIM', 'SSIM-R', 'FMI', 'Qabf', 'PSNR')))(
  '$id in $convention',
  ({ id, compute }) => {
    it('is the same for negatives', () => {
      const { side, numRuns } = sizeOf(id);
      const property = fc.property(triplets(side), (images) => {
        const negatives = mapTriplet(
          images,
          mapValues((value) => 255 - value),
        );
        expectClose(compute(negatives), compute(images));
      });
      fc.assert(property, { numRuns });
    });
  },
);

it.each(metricsFor(['SSIM', 'MS-SSIM', 'SSIM-R', 'FMI']))(
  '$id in $convention is exactly its greatest where all images are equal, fractions included',
  ({ id, compute, constant }) => {
    const { side, numRuns } = sizeOf(id);
    const property = fc.property(triplets(side), fc.constantFrom(1, 3, 7), ({ fused }, divisor) => {
      const image = mapValues((value) => value / divisor)(fused);
      expect(compute({ fused: image, a: image, b: image, truth: image })).toBe(constant);
    });
    fc.assert(property, { numRuns });
  },
);
