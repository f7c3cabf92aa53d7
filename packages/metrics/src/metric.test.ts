import { type NdArray, ndarray } from '@refusion/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Triplet } from './gray.js';
import { METRICS } from './registry.js';

const [EN, SD, SF, AG, SCD, SSIM] = METRICS;

/** Triplets of small 8-bit images with values 0..`brightest`. */
function triplets(brightest = 255): fc.Arbitrary<Triplet> {
  const side = fc.integer({ min: 7, max: 12 });
  return fc.tuple(side, side).chain(([height, width]) => {
    const length = { minLength: height * width, maxLength: height * width };
    const image = fc
      .uint8Array({ ...length, max: brightest })
      .map((data): NdArray => ndarray(data, [height, width]));
    return fc.record({ fused: image, a: image, b: image });
  });
}

function mapTriplet({ fused, a, b }: Triplet, change: (image: NdArray) => NdArray): Triplet {
  return { fused: change(fused), a: change(a), b: change(b) };
}

const mapValues = (change: (value: number) => number) => (image: NdArray) =>
  ndarray(Float64Array.from(image.data, change), image.shape);

/** Equal to 1e-9, the order of summation being all that differs; NaN where the other is NaN. */
function expectClose(actual: number, expected: number): void {
  if (Number.isNaN(expected)) expect(actual).toBeNaN();
  else expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
}

describe('every metric', () => {
  it.each(METRICS)('$id gives what its descriptor says on a constant triplet', ({ compute, constant }) => {
    for (const value of [0, 0.1, 100, 255]) {
      const image = ndarray(new Float64Array(9 * 11).fill(value), [9, 11]);
      expect(compute({ fused: image, a: image, b: image })).toBe(constant);
    }
  });

  it.each(METRICS)('$id stays in its range', ({ compute, range: [least, greatest], undefinedWhere }) => {
    fc.assert(
      fc.property(triplets(), (images) => {
        const score = compute(images);
        if (Number.isNaN(score)) expect(undefinedWhere).toMatch(/^NaN/);
        // A perfect correlation may come out as 1 + 2e-16.
        else expect(score).toSatisfy((x: number) => x >= least - 1e-12 && x <= greatest + 1e-12);
      }),
    );
  });

  it.each(METRICS)('$id does not depend on the order of the sources', ({ compute }) => {
    fc.assert(
      fc.property(triplets(), ({ fused, a, b }) => {
        expect(compute({ fused, a: b, b: a })).toBe(compute({ fused, a, b }));
      }),
    );
  });

  it.each(METRICS)('$id treats rows and columns alike', ({ compute }) => {
    const transpose = ({ data, shape }: NdArray): NdArray => {
      const [height, width] = shape as [number, number];
      return { data, shape: [width, height], stride: [1, width] };
    };
    fc.assert(
      fc.property(triplets(), (images) => {
        expectClose(compute(mapTriplet(images, transpose)), compute(images));
      }),
    );
  });
});

describe.each([EN, SD, SF, AG, SCD])('$id', ({ compute }) => {
  it('is the same for negatives and brighter images', () => {
    fc.assert(
      fc.property(triplets(200), fc.integer({ min: 0, max: 55 }), (images, step) => {
        const negatives = mapTriplet(
          images,
          mapValues((value) => 255 - value),
        );
        const brighter = mapTriplet(
          images,
          mapValues((value) => value + step),
        );
        expectClose(compute(negatives), compute(images));
        expectClose(compute(brighter), compute(images));
      }),
    );
  });
});

it.each([
  { metric: EN, power: 0 },
  { metric: SD, power: 1 },
  { metric: SF, power: 1 },
  { metric: AG, power: 1 },
  { metric: SCD, power: 0 },
])('$metric.id grows with contrast to the power $power', ({ metric: { compute }, power }) => {
  fc.assert(
    fc.property(triplets(85), fc.integer({ min: 1, max: 3 }), (images, factor) => {
      const stretched = mapTriplet(
        images,
        mapValues((value) => value * factor),
      );
      expectClose(compute(stretched), factor ** power * compute(images));
    }),
  );
});

it('SSIM is exactly 2 where the sources equal the fused image, fractions included', () => {
  fc.assert(
    fc.property(triplets(), fc.constantFrom(1, 3, 7), ({ fused }, divisor) => {
      const image = mapValues((value) => value / divisor)(fused);
      expect(SSIM.compute({ fused: image, a: image, b: image })).toBe(2);
    }),
  );
});
