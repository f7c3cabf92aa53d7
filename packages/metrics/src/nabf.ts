import type { NdArray } from '@refusion/core';
import { expectSide, type GrayTriplet, grayTripletOf } from './gray.js';
import type { Metric } from './metric.js';
import { type Derivatives, sobelRows } from './sobel.js';

/** Parameters of the two sigmoids (Shreyamsha Kumar 2013): what they tend to, their slope and their middle. */
const STRENGTH = { limit: 0.9999, slope: 19, middle: 0.5 };
const ORIENTATION = { limit: 0.9995, slope: 22, middle: 0.5 };
/** Edges from this strength up weigh by its power 1.5, weaker ones next to nothing. */
const THRESHOLD = 2;
const LEAST_WEIGHT = 0.001;
/** Makes Sobel's sums the mean difference of neighbours two pixels apart, halved. */
const SCALE = 1 / 8;

/** The sums over pixels and sources: of weights, and of weights times what is an artifact. */
interface Sums {
  weights: number;
  artifacts: number;
}

function strengthAt({ dx, dy }: Derivatives, i: number): number {
  const x = dx[i] as number;
  const y = dy[i] as number;
  return SCALE * Math.sqrt(x * x + y * y);
}

function angleAt({ dx, dy }: Derivatives, i: number): number {
  const x = dx[i] as number;
  const y = dy[i] as number;
  return x === 0 && y === 0 ? 0 : Math.atan(x / y);
}

const weightOf = (strength: number): number =>
  strength >= THRESHOLD ? strength * Math.sqrt(strength) : LEAST_WEIGHT;

const sigmoid = ({ limit, slope, middle }: typeof STRENGTH, value: number): number =>
  limit / (1 + Math.exp(slope * (middle - value)));

/** What the fused image has preserved of a source's edge, where its own edge is the stronger one. */
function preservedAt(fused: Derivatives, source: Derivatives, i: number): number {
  const alike = strengthAt(source, i) / strengthAt(fused, i);
  const turn = Math.abs(angleAt(source, i) - angleAt(fused, i));
  const parallel = Math.abs((2 * turn) / Math.PI - 1);
  return Math.sqrt(sigmoid(STRENGTH, alike) * sigmoid(ORIENTATION, parallel));
}

/** Adds the pixels of a row. */
function addRow(sums: Sums, fused: Derivatives, a: Derivatives, b: Derivatives): void {
  for (let i = 0; i < fused.dx.length; i++) {
    const strengthA = strengthAt(a, i);
    const strengthB = strengthAt(b, i);
    const weightA = weightOf(strengthA);
    const weightB = weightOf(strengthB);
    sums.weights += weightA + weightB;
    const strength = strengthAt(fused, i);
    if (strength <= strengthA || strength <= strengthB) continue;
    sums.artifacts += weightA * (1 - preservedAt(fused, a, i)) + weightB * (1 - preservedAt(fused, b, i));
  }
}

function artifactsOf({ fused, a, b }: GrayTriplet): number {
  expectSide('nabf', fused, 2);
  const rowOfFused = sobelRows(fused, 'mirror');
  const rowOfA = sobelRows(a, 'mirror');
  const rowOfB = sobelRows(b, 'mirror');
  const sums = { weights: 0, artifacts: 0 };
  for (let row = 0; row < fused.height; row++) addRow(sums, rowOfFused(row), rowOfA(row), rowOfB(row));
  return sums.artifacts / sums.weights;
}

/**
 * Fusion artifacts, N^AB/F as modified by Shreyamsha Kumar: how much of the fused image's edges neither source has. At
 * the pixels where its edge is stronger than both sources', for each source S,
 *
 *     Q_S = sqrt(0.9999 / (1 + exp(-19 (G - 0.5))) * 0.9995 / (1 + exp(-22 (T - 0.5))))
 *     G = g_S / g_F,  T = | |alpha_S - alpha_F| - pi / 2 | / (pi / 2)
 *
 * with `g` and `alpha` of Sobel's derivatives divided by 8, the image mirrored at its borders, and
 * `Nabf = sum ((1 - Q_A) w_A + (1 - Q_B) w_B) / sum (w_A + w_B)`, the lower sum over all pixels; `w = g^1.5` from g = 2 up
 * and 0.001 below.
 *
 * @param fused gray `[H, W]`, at least 2x2, values 0..255
 * @param a gray `[H, W]`, the first source
 * @param b gray `[H, W]`, the second source; exchanging the two changes nothing
 * @returns a number in [0, 1]; 0 where no edge is stronger than both sources', lower is better
 * @throws ShapeError unless the three are `[H, W]`, of one shape, at least 2x2
 * @throws OptionError if a value does not round to 0..255
 * @example
 * const image = { data: Uint8Array.of(0, 0, 255, 255), shape: [2, 2] };
 * nabf(image, image, image); // 0
 *
 * Shreyamsha Kumar 2013, Signal, Image and Video Processing 7(6), 1125-1143.
 */
export function nabf(fused: NdArray, a: NdArray, b: NdArray): number {
  return artifactsOf(grayTripletOf('nabf', { fused, a, b }));
}

/** Fusion artifacts, the same in every convention. */
export const NABF: Metric<'Nabf'> = {
  id: 'Nabf',
  name: 'fusion artifacts',
  unit: '1',
  range: [0, 1],
  better: 'lower',
  combine: 'weighted',
  reference: 'Shreyamsha Kumar 2013, Signal, Image and Video Processing 7(6), 1125-1143',
  constant: 0,
  undefinedWhere: 'a ShapeError for an image one pixel high or wide',
  compute: ({ fused, a, b }) => nabf(fused, a, b),
};
