import { type Float64Tensor, grad, type Ops, reference, type Tensor } from '@refusion/autodiff';
import { rng } from '@refusion/core';
import { derivativeAtZero, dot, expectClose, normals } from '@refusion/test-utils';
import { describe, expect, it } from 'vitest';
import { FUSION_LOSSES, type FusionLoss, reconstructionLoss, structuralSimilarity } from './index.js';

const { ops } = reference;
const values = (x: Tensor): Float64Array => (x as Float64Tensor).data;
const number = (x: Tensor): number => values(x)[0] as number;

const SIZE = [2, 6, 5, 1];
const image = (seed: number): Tensor => {
  const random = rng(seed);
  return ops.constant(Float64Array.from({ length: 60 }, random.uniform), SIZE);
};
const maps = (seed: number): Tensor => ops.softmax(ops.concat([image(seed), image(seed + 1)], -1), -1);
const sources = { a: image(1), b: image(2) };
const proposal = { w: maps(10), v: maps(20) };
const fused = image(3);

/** Sobel magnitude written out over plain arrays: independent of the op set. */
function edges(x: Tensor): Float64Array {
  const [B, H, W] = SIZE as [number, number, number];
  const at = (b: number, r: number, c: number): number =>
    r < 0 || r >= H || c < 0 || c >= W ? 0 : (values(x)[(b * H + r) * W + c] as number);
  return Float64Array.from({ length: B * H * W }, (_unused, i) => {
    const [b, r, c] = [Math.floor(i / (H * W)), Math.floor(i / W) % H, i % W];
    const column = (dc: number): number => at(b, r - 1, c + dc) + 2 * at(b, r, c + dc) + at(b, r + 1, c + dc);
    const row = (dr: number): number => at(b, r + dr, c - 1) + 2 * at(b, r + dr, c) + at(b, r + dr, c + 1);
    return Math.abs(column(1) - column(-1)) + Math.abs(row(1) - row(-1));
  });
}

const meanOf = (fn: (i: number) => number): number =>
  Array.from({ length: 60 }, (_unused, i) => fn(i)).reduce((total, v) => total + v, 0) / 60;
const [A, B, F] = [values(sources.a), values(sources.b), values(fused)] as [
  Float64Array,
  Float64Array,
  Float64Array,
];
const [EA, EB, EF] = [edges(sources.a), edges(sources.b), edges(fused)];
const n = (x: Float64Array, i: number): number => x[i] as number;

/** Each loss written out by hand: [intensity, gradient]. */
const BY_HAND: { readonly [name: string]: readonly [number, number] | null } = {
  learnable: [
    meanOf((i) => (n(values(proposal.w), 2 * i) * (n(A, i) - n(F, i))) ** 2) +
      meanOf((i) => (n(values(proposal.w), 2 * i + 1) * (n(B, i) - n(F, i))) ** 2),
    meanOf((i) => (n(values(proposal.v), 2 * i) * (n(EA, i) - n(EF, i))) ** 2) +
      meanOf((i) => (n(values(proposal.v), 2 * i + 1) * (n(EB, i) - n(EF, i))) ** 2),
  ],
  'learnable-intensity': [
    meanOf((i) => (n(values(proposal.w), 2 * i) * (n(A, i) - n(F, i))) ** 2) +
      meanOf((i) => (n(values(proposal.w), 2 * i + 1) * (n(B, i) - n(F, i))) ** 2),
    meanOf((i) => Math.abs(n(EF, i) - Math.max(n(EA, i), n(EB, i)))),
  ],
  maximum: [
    meanOf((i) => Math.abs(n(F, i) - Math.max(n(A, i), n(B, i)))),
    meanOf((i) => Math.abs(n(EF, i) - Math.max(n(EA, i), n(EB, i)))),
  ],
  average: [
    meanOf((i) => (n(F, i) - (n(A, i) + n(B, i)) / 2) ** 2),
    meanOf((i) => (n(EF, i) - (n(EA, i) + n(EB, i)) / 2) ** 2),
  ],
  ssim: null, // its intensity part is checked by the properties of structural similarity below
};

describe.each(Object.values(FUSION_LOSSES) as FusionLoss[])('the $name loss', (loss) => {
  it('equals its formula written out by hand', () => {
    const alpha = 0.7;
    const terms = loss.apply(ops, fused, sources, proposal, alpha);
    const expected = BY_HAND[loss.name];
    if (expected) {
      expect(number(terms.intensity)).toBeCloseTo(expected[0], 13);
      expect(number(terms.gradient)).toBeCloseTo(expected[1], 13);
    }
    expect(number(terms.total)).toBeCloseTo(number(terms.intensity) + alpha * number(terms.gradient), 14);
  });

  it('takes its weight as a scalar too', () => {
    const [weighed, other] = [ops.scalar(0.7), 0.7].map((alpha) =>
      number(loss.apply(ops, fused, sources, proposal, alpha).total),
    );
    expect(weighed).toBe(other);
  });

  it('has the gradient in the fused image that finite differences give', () => {
    const at = (o: Ops, x: Tensor): Tensor => loss.apply(o, x, sources, proposal, 0.7).total;
    const direction = normals(60, 9);
    // A step that crosses no kink of |.| or max on this image; the losses are piecewise quadratic but for SSIM.
    const along = derivativeAtZero(
      (t) => Float64Array.of(number(at(ops, ops.add(fused, ops.mul(ops.constant(direction, SIZE), t))))),
      1e-5,
    );
    expectClose([dot(values(grad(ops, at, fused)), direction)], along, 1e-8);
  });

  it('refuses images of other shapes, which would broadcast', () => {
    const one = ops.slice(fused, [0, 0, 0, 0], [1, 6, 5, 1]);
    expect(() => loss.apply(ops, one, sources, proposal, 1)).toThrow(
      `${loss.name}: a must have the shape of the fused image [1,6,5,1], got [2,6,5,1]`,
    );
    const wide = ops.concat([fused, fused], -1);
    expect(() => loss.apply(ops, wide, sources, proposal, 1)).toThrow(
      'the fused image must have the shape [*,*,*,1]',
    );
  });

  it('needs the maps that it says it uses, and no others', () => {
    const used = Object.fromEntries(loss.uses.map((name) => [name, maps(10)]));
    expect(() => loss.apply(ops, fused, sources, used, 1)).not.toThrow();
    if (loss.uses.length > 0) {
      expect(() => loss.apply(ops, fused, sources, {}, 1)).toThrow(
        `${loss.name}: the proposal has no map "${loss.uses[0]}"`,
      );
    }
  });
});

describe('structuralSimilarity', () => {
  it('is 1 for equal images, less for others, and symmetric', () => {
    expect(number(structuralSimilarity(ops, fused, fused))).toBeCloseTo(1, 13);
    const likeness = number(structuralSimilarity(ops, fused, sources.a));
    expect(likeness).toBeLessThan(0.9);
    expect(likeness).toBeCloseTo(number(structuralSimilarity(ops, sources.a, fused)), 14);
  });

  it('is the luminance term alone for two constant images', () => {
    const [x, y] = [0.2, 0.6];
    const expected = (2 * x * y + 1e-4) / (x * x + y * y + 1e-4);
    const likeness = structuralSimilarity(ops, ops.fill(SIZE, x), ops.fill(SIZE, y));
    expect(number(likeness)).toBeCloseTo(expected, 12);
  });
});

describe('reconstructionLoss', () => {
  it('equals its formula written out by hand: the worse source at every pixel', () => {
    const reconstructed = { a: image(5), b: image(6) };
    const [RA, RB] = [values(reconstructed.a), values(reconstructed.b)];
    const [ERA, ERB] = [edges(reconstructed.a), edges(reconstructed.b)];
    const { total, intensity, gradient } = reconstructionLoss(ops, reconstructed, sources, 0.3);
    expect(number(intensity)).toBeCloseTo(
      meanOf((i) => Math.max(Math.abs(n(A, i) - n(RA, i)), Math.abs(n(B, i) - n(RB, i))) ** 2),
      13,
    );
    expect(number(gradient)).toBeCloseTo(
      meanOf((i) => Math.max(Math.abs(n(EA, i) - n(ERA, i)), Math.abs(n(EB, i) - n(ERB, i))) ** 2),
      13,
    );
    expect(number(total)).toBeCloseTo(number(intensity) + 0.3 * number(gradient), 14);
  });

  it('is 0 for a perfect reconstruction', () => {
    expect(number(reconstructionLoss(ops, sources, sources, 1).total)).toBe(0);
  });
});
