import type { Rng } from '@refusion/core';
import { type Noise, noise } from './noise.js';
import { ellipse, frayed, type Outline, stroke, union } from './outline.js';
import { between, smoothstep } from './scalar.js';

/** The tissues of a head and their labels. */
export const TISSUE = {
  air: 0,
  scalp: 1,
  skull: 2,
  fluid: 3,
  grayMatter: 4,
  whiteMatter: 5,
  lesion: 6,
} as const;

export type Tissue = keyof typeof TISSUE;

/** A slice through a head. Points are in units of half its length, from its middle; the face is up. */
export interface Head {
  readonly outline: Outline;
  readonly scalp: number;
  readonly skull: number;
  /** Where the surface of the brain folds inwards: at the value 0.5. */
  readonly folds: Noise;
  readonly ventricles: Outline;
  readonly nuclei: Outline;
  readonly calcified: Outline;
  readonly lesion: Outline;
}

/** A head of random proportions. */
export function newHead(rng: Rng): Head {
  const breadth = between(rng, 0.74, 0.84);
  const ragged = noise(rng, 3);
  const side = rng.uniform() < 0.5 ? -1 : 1;
  const radius = between(rng, 0.07, 0.15);
  return {
    outline: ellipse(0, 0, breadth, 1),
    scalp: between(rng, 0.035, 0.06),
    skull: between(rng, 0.05, 0.085),
    folds: noise(rng, 2),
    ventricles: newVentricles(rng),
    nuclei: mirrored((u) => [ellipse(0.13 * u, 0.02, 0.085, 0.13), ellipse(0.29 * u, -0.06, 0.06, 0.17)]),
    calcified: union(ellipse(0, 0.2, 0.022, 0.028), ellipse(0.23 * side, 0.33, 0.02, 0.024)),
    lesion: frayed(
      ellipse(side * between(rng, 0.28, 0.42), between(rng, -0.4, 0.4), radius, 1.2 * radius),
      0.08,
      (x, y) => ragged(9 * x, 9 * y) - 0.5,
    ),
  };
}

/** The horns of the two lateral ventricles, and the third between them. */
function newVentricles(rng: Rng): Outline {
  const width = between(rng, 0.018, 0.04);
  const spread = between(rng, 0.9, 1.15);
  const horns = mirrored((u) => [
    stroke(0.03 * u, -0.06, 0.12 * spread * u, -0.32, width),
    stroke(0.09 * spread * u, -0.3, 0.16 * spread * u, -0.33, width),
    stroke(0.14 * u, 0.22, 0.24 * spread * u, 0.42, 1.1 * width),
    stroke(0.05 * u, 0.1, 0.16 * u, 0.24, 0.7 * width),
  ]);
  return union(horns, stroke(0, -0.06, 0, 0.12, 0.4 * width));
}

function mirrored(half: (side: number) => readonly Outline[]): Outline {
  return union(...half(-1), ...half(1));
}

/**
 * How much of each tissue is at a point: weights by label that sum to 1.
 * @param pixel the size of a pixel, over which edges are smoothed.
 */
export function tissuesAt(head: Head, u: number, v: number, pixel: number): number[] {
  const weights = [1, 0, 0, 0, 0, 0, 0];
  const depth = -head.outline.distance(u, v);
  if (depth < -pixel) return weights;
  const inside = (x: number) => smoothstep(-pixel, pixel, x);
  const brain = depth - head.scalp - head.skull - 0.025; // below the fluid around the brain
  cover(weights, TISSUE.scalp, inside(depth));
  cover(weights, TISSUE.skull, inside(depth - head.scalp));
  cover(weights, TISSUE.fluid, inside(depth - head.scalp - head.skull));
  cover(weights, TISSUE.grayMatter, inside(brain));
  if (brain > 0) coverBrain(weights, head, u, v, brain, pixel);
  return weights;
}

function coverBrain(weights: number[], head: Head, u: number, v: number, brain: number, pixel: number): void {
  const fold = distanceToFold(head, u, v);
  const open = 0.012 * smoothstep(0.42, 0.02, brain);
  const ribbon = 0.05 * smoothstep(0.6, 0.1, brain);
  const sulcus = smoothstep(open + 0.01, open, fold) * smoothstep(0.45, 0.35, brain);
  const fissure = smoothstep(0.016, 0.008, Math.abs(u)) * smoothstep(0.36, 0.42, Math.abs(v));
  cover(weights, TISSUE.whiteMatter, smoothstep(0.04, 0.07, brain) * smoothstep(ribbon, ribbon + 0.02, fold));
  cover(weights, TISSUE.fluid, sulcus);
  cover(weights, TISSUE.grayMatter, within(head.nuclei, u, v, pixel));
  cover(weights, TISSUE.fluid, fissure);
  cover(weights, TISSUE.fluid, within(head.ventricles, u, v, pixel));
  cover(weights, TISSUE.lesion, within(head.lesion, u, v, pixel));
  cover(weights, TISSUE.skull, within(head.calcified, u, v, pixel));
}

/** To first order: the difference from 0.5 over the slope. Both halves of the brain fold nearly alike. */
function distanceToFold({ folds }: Head, u: number, v: number): number {
  const at = (x: number, y: number) => folds(5.4 * Math.abs(x) + 0.35 * x, 5.4 * y + 0.2 * x);
  const step = 0.02;
  const value = at(u, v);
  const du = (at(u + step, v) - value) / step;
  const dv = (at(u, v + step) - value) / step;
  return Math.abs(value - 0.5) / (Math.sqrt(du * du + dv * dv) + 0.3);
}

/** Covers what is there with an amount, 0 to 1, of a tissue. */
function cover(weights: number[], label: number, amount: number): void {
  if (amount === 0) return;
  for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] as number) * (1 - amount);
  weights[label] = (weights[label] as number) + amount;
}

function within(
  { bounds: [left, top, right, bottom], distance }: Outline,
  u: number,
  v: number,
  pixel: number,
): number {
  if (u < left - pixel || u > right + pixel || v < top - pixel || v > bottom + pixel) return 0;
  return smoothstep(pixel, -pixel, distance(u, v));
}
