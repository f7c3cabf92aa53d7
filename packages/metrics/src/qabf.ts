import type { NdArray } from '@refusion/core';
import { type Convention, inConvention } from './convention.js';
import { Curve } from './curve.js';
import { type GrayImage, type GrayTriplet, grayTripletOf } from './gray.js';
import type { Metric } from './metric.js';
import { sobelRows } from './sobel.js';

/** Parameters of the two sigmoids (Xydeas and Petrovic 2000): what they tend to, their slope and their middle. */
const STRENGTH = { limit: 0.9994, slope: 15, middle: 0.5 };
const ORIENTATION = { limit: 0.9879, slope: 22, middle: 0.8 };
const RIGHT_ANGLE = Math.PI / 2;

/** Of which no more than 2e-11 is lost, relatively, by the curves below. */
const INTERVALS = { strength: 1024, orientation: 2048 };

const strengthKept = (alike: number): number =>
  1 / (1 + Math.exp(STRENGTH.slope * (STRENGTH.middle - alike)));

/** @param turn the angle between two edges over a right angle, from 0 to 2 */
const orientationKept = (turn: number): number =>
  1 / (1 + Math.exp(ORIENTATION.slope * (ORIENTATION.middle - 1 + turn)));

/**
 * Angles over a right angle, from 0 to 2, by `1 - cos / (|cos| + |sin|)`: as smooth as the angle on either side of 1, and
 * without a trigonometric function.
 */
const turnAt = (diamond: number): number =>
  diamond < 1
    ? Math.atan2(diamond, 1 - diamond) / RIGHT_ANGLE
    : 1 + Math.atan2(diamond - 1, 2 - diamond) / RIGHT_ANGLE;

const STRENGTH_KEPT = new Curve(strengthKept, 1, INTERVALS.strength);
const ORIENTATION_KEPT = new Curve((diamond) => orientationKept(turnAt(diamond)), 2, INTERVALS.orientation);

/** How alike two edges of the same strength are; `strength` is that strength. */
type OfEqualStrength = (strength: number) => number;

/** Sums over the pixels of a source: of weights, and of weights times what is preserved. */
interface Sums {
  weights: number;
  preserved: number;
}

/** The edges along a row. Their angles are those of the vectors (right, up), from -90 to 90 degrees. */
interface Edges {
  readonly strength: Float64Array;
  readonly right: Float64Array;
  readonly up: Float64Array;
}

/** A function that gives the edges along a row; they are overwritten by the next row. */
function edgeRows(image: GrayImage): (row: number) => Edges {
  const derivatives = sobelRows(image, 'zero');
  const strength = new Float64Array(image.width);
  const right = new Float64Array(image.width);
  const up = new Float64Array(image.width);
  return (row) => {
    const { dx, dy } = derivatives(row);
    for (let i = 0; i < dx.length; i++) {
      const x = dx[i] as number;
      const y = dy[i] as number;
      strength[i] = Math.sqrt(x * x + y * y);
      // (|x|, -y sign x), but for a factor: the Evaluator's convolution turns the mask around, so that its angles have the
      // other sign, and takes 90 degrees where x is 0.
      right[i] = x * x;
      up[i] = x === 0 ? 1 : -x * y;
    }
    return { strength, right, up };
  };
}

/** Adds the pixels of a row, for one source. */
function addRow(sums: Sums, fused: Edges, source: Edges, ofEqualStrength: OfEqualStrength): void {
  for (let i = 0; i < fused.strength.length; i++) {
    const weight = source.strength[i] as number;
    if (weight === 0) continue;
    const strength = fused.strength[i] as number;
    const kept =
      strength === weight
        ? strengthKept(ofEqualStrength(strength))
        : STRENGTH_KEPT.at(Math.min(strength, weight) / Math.max(strength, weight));
    const x = fused.right[i] as number;
    const y = fused.up[i] as number;
    const u = source.right[i] as number;
    const v = source.up[i] as number;
    const cosine = x * u + y * v;
    const sine = x * v - y * u;
    const diamond = 1 - cosine / (Math.abs(cosine) + Math.abs(sine));
    sums.weights += weight;
    sums.preserved += weight * kept * ORIENTATION_KEPT.at(diamond);
  }
}

function edgesPreserved({ fused, a, b }: GrayTriplet, ofEqualStrength: OfEqualStrength): number {
  const rowOfFused = edgeRows(fused);
  const rowOfA = edgeRows(a);
  const rowOfB = edgeRows(b);
  const ofA = { weights: 0, preserved: 0 };
  const ofB = { weights: 0, preserved: 0 };
  for (let row = 0; row < fused.height; row++) {
    const edges = rowOfFused(row);
    addRow(ofA, edges, rowOfA(row), ofEqualStrength);
    addRow(ofB, edges, rowOfB(row), ofEqualStrength);
  }
  const share = (ofA.preserved + ofB.preserved) / (ofA.weights + ofB.weights);
  return STRENGTH.limit * ORIENTATION.limit * share;
}

/** The published programs take the strength itself where the two are equal, in place of the ratio, 1. */
const EQUAL_STRENGTH = {
  evaluator: (strength: number) => strength,
  matlab: (strength: number) => strength,
  standard: () => 1,
};

/**
 * Edge preservation, Q^AB/F: how much of the edges of both sources the fused image has, by strength and orientation.
 * At every pixel, for each source S,
 *
 *     Q_S = 0.9994 / (1 + exp(-15 (G - 0.5))) * 0.9879 / (1 + exp(-22 (T - 0.8)))
 *     G = min(g_S, g_F) / max(g_S, g_F),  T = 1 - |alpha_S - alpha_F| / (pi / 2)
 *
 * with `g = sqrt(s_x^2 + s_y^2)` and `alpha = atan(s_y / s_x)` (pi/2 where s_x is 0) of Sobel's derivatives, the image
 * continued by zeros, and `Qabf = sum (Q_A g_A + Q_B g_B) / sum (g_A + g_B)`.
 *
 * `evaluator` and `matlab` take g itself for G where both strengths are equal; `standard` takes 1.
 *
 * @param fused gray `[H, W]`, values 0..255
 * @param a gray `[H, W]`, the first source
 * @param b gray `[H, W]`, the second source; exchanging the two changes nothing
 * @returns a number in [0, 0.976); NaN where both sources have no edges at all: black, or a single pixel
 * @throws ShapeError unless the three are `[H, W]`, of one shape, with at least one pixel
 * @throws OptionError if a value does not round to 0..255, or for an unknown convention
 * @example
 * const image = { data: Uint8Array.of(0, 0, 255, 255), shape: [2, 2] };
 * qabf(image, image, image); // 0.9753, the greatest value there is
 *
 * Xydeas and Petrovic 2000, Electronics Letters 36(4), 308-309.
 */
export function qabf(fused: NdArray, a: NdArray, b: NdArray, convention: Convention = 'evaluator'): number {
  const ofEqualStrength = inConvention('qabf', convention, EQUAL_STRENGTH);
  return edgesPreserved(grayTripletOf('qabf', { fused, a, b }), ofEqualStrength);
}

/** Edge preservation in the `evaluator` and `matlab` conventions. */
export const QABF: Metric<'Qabf'> = {
  id: 'Qabf',
  name: 'edge preservation',
  unit: '1',
  range: [0, 1],
  better: 'higher',
  combine: 'weighted',
  reference: 'Xydeas and Petrovic 2000, Electronics Letters 36(4), 308-309',
  // Not 1: the sigmoids do not reach their limits. The edges are those between the image and the zeros around it.
  constant: (STRENGTH.limit * ORIENTATION.limit) / (1 + Math.exp(-0.2 * ORIENTATION.slope)),
  undefinedWhere: 'NaN where both sources are black, or a single pixel',
  compute: ({ fused, a, b }) => qabf(fused, a, b),
};

/** Edge preservation in the `standard` convention. */
export const QABF_STANDARD: Metric<'Qabf'> = {
  ...QABF,
  constant: QABF.constant / (1 + Math.exp(-0.5 * STRENGTH.slope)),
  compute: ({ fused, a, b }) => qabf(fused, a, b, 'standard'),
};
