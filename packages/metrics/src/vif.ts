import { type NdArray, ShapeError } from '@refusion/core';
import { type Convention, inConvention } from './convention.js';
import { expectSide, type GrayTriplet, grayTripletOf } from './gray.js';
import type { Metric } from './metric.js';
import { type Moments, OrderedWindow } from './ordered-window.js';
import { gaussianTaps, type LocalMeans, type Plane, slideWindow } from './window.js';

const NOISE = 2;
const EPSILON = 1e-10;
/** From here up the windows of all scales fit into the image. */
const LEAST_SIDE = 41;
/** Sides of the windows, from the finest scale to the coarsest; the standard deviation is a fifth. */
const WINDOWS = [17, 9, 5, 3].map((size) => ({
  size,
  taps: gaussianTaps(size, size / 5),
  ordered: new OrderedWindow(size, size / 5),
}));
/** Below this variance the digits are those of the order of summation. */
const UNSTABLE = 1e-4;
/** So many factors of at most 1 + 255^2 / 2 multiply without overflow: one logarithm instead of many. */
const FACTORS = 32;

/** Sums of logarithms over windows and scales: what a source has, and what of it the fused image keeps. */
interface SourceInformation {
  total: number;
  kept: number;
}

/**
 * Adds the information of the windows of a row; x is the fused image and y the source.
 * @param again computes the moments of an unstable window in the Evaluator's order
 */
function addRow(
  sums: SourceInformation,
  { x, y, xx, yy, xy }: LocalMeans,
  start: number,
  end: number,
  again: ((i: number) => Moments) | null,
): void {
  for (let from = start; from < end; from += FACTORS) {
    let total = 1;
    let kept = 1;
    for (let i = from; i < Math.min(end, from + FACTORS); i++) {
      const meanX = x[i] as number;
      const meanY = y[i] as number;
      let varianceX = (xx[i] as number) - meanX * meanX;
      let varianceY = (yy[i] as number) - meanY * meanY;
      let covariance = (xy[i] as number) - meanX * meanY;
      if (again && (varianceX < UNSTABLE || varianceY < UNSTABLE)) {
        ({ varianceX, varianceY, covariance } = again(i));
      }
      // A flat source has no information; a flat fused image, or one that runs against the source, keeps none.
      if (varianceY < EPSILON) continue;
      total *= 1 + varianceY / NOISE;
      if (varianceX < EPSILON || covariance <= 0) continue;
      const gain = covariance / (varianceY + EPSILON);
      const distortion = Math.max(EPSILON, varianceX - gain * covariance);
      kept *= 1 + (gain * gain * varianceY) / (distortion + NOISE);
    }
    sums.total += Math.log(total);
    sums.kept += Math.log(kept);
  }
}

/**
 * The image, ready for a window. Where it is smaller than the window, scipy's `valid` convolution exchanges the two: the
 * same as moving the window over the image with zeros around it, so far that the image stays inside the window.
 */
function zeroPadded({ data, height, width }: Plane, size: number): Plane {
  if (height >= size && width >= size) return { data, height, width };
  if (height > size || width > size) {
    throw new ShapeError(
      `vif: a ${size}x${size} window neither fits into nor covers ${height}x${width} pixels, the images at one of the four scales; give images of at least ${LEAST_SIDE}x${LEAST_SIDE} pixels`,
    );
  }
  const [above, left] = [size - height, size - width];
  const padded = { height: height + 2 * above, width: width + 2 * left };
  const out = new Float64Array(padded.height * padded.width);
  for (let row = 0; row < height; row++) {
    out.set(data.subarray(row * width, (row + 1) * width), (above + row) * padded.width + left);
  }
  return { data: out, ...padded };
}

type PerSource = readonly [ofA: number, ofB: number];

/** VIF of the fused image with regard to each source; NaN for a constant source. */
function vifOfSources({ fused, a, b }: GrayTriplet): PerSource {
  let planes: readonly Plane[] = [fused, a, b];
  const sums = [a, b].map((): SourceInformation => ({ total: 0, kept: 0 }));
  for (const [scale, { size, taps, ordered }] of WINDOWS.entries()) {
    if (scale > 0) planes = planes.map((plane) => ordered.halve(zeroPadded(plane, size)));
    const [x, ...sources] = planes.map((plane) => zeroPadded(plane, size)) as [Plane, ...Plane[]];
    slideWindow(taps, x, sources, (source, means, start, end, row) => {
      const first = row * x.width - start;
      const again = (i: number) => ordered.moments(x, sources[source] as Plane, first + i);
      // At the finest scale whole gray levels vary by nothing at all or by more than 5e-5.
      addRow(sums[source] as SourceInformation, means, start, end, scale > 0 ? again : null);
    });
  }
  const [ofA, ofB] = sums.map(({ total, kept }) => kept / total);
  return [ofA as number, ofB as number];
}

const withoutInformation = (value: number): number => (Number.isNaN(value) ? 1 : value);

const COMBINED = {
  evaluator: ([ofA, ofB]: PerSource) => withoutInformation(ofA) + withoutInformation(ofB),
  matlab: ([ofA, ofB]: PerSource) => ofA + ofB,
  standard: ([ofA, ofB]: PerSource) => (ofA + ofB) / 2,
};

/**
 * Visual information fidelity in the pixel domain, of the fused image with regard to each source S:
 *
 *     VIF(S) = sum log(1 + g^2 s_S^2 / (s_V^2 + 2)) / sum log(1 + s_S^2 / 2)
 *     g = s_SF / (s_S^2 + 1e-10),  s_V^2 = max(s_F^2 - g s_SF, 1e-10)
 *
 * over all windows inside the image and four scales. The windows are Gaussian, 17, 9, 5 and 3 pixels wide with a standard
 * deviation of a fifth of that; from scale to scale the image is smoothed by the next window and every other pixel kept.
 * Where the variance of one of the two is below 1e-10, or the covariance below 0, nothing is kept (g = 0).
 *
 * - `evaluator`: the sum over the sources. A constant source counts as 1. Below 41x41 pixels its convolutions exchange
 *   image and window, which gives numbers without a meaning, up to more than 2 for each source, kept here.
 * - `matlab`: the sum. `standard`: the mean. In both, NaN for a constant source, and at least 41x41 pixels.
 *
 * @param fused gray `[H, W]`, values 0..255
 * @param a gray `[H, W]`, the first source
 * @param b gray `[H, W]`, the second source; exchanging the two changes nothing
 * @returns at least 0; for each source 1 where the fused image equals it, more where it is the source with more contrast
 * @throws ShapeError unless the three are `[H, W]`, of one shape and at least 41x41; in `evaluator`, if at one of the
 *   scales the window is larger than the image in one direction and smaller in the other
 * @throws OptionError if a value does not round to 0..255, or for an unknown convention
 * @example
 * const image = { data: Uint8Array.from({ length: 41 * 41 }, (_, i) => i % 256), shape: [41, 41] };
 * vif(image, image, image); // 2, to ten digits
 *
 * Sheikh and Bovik 2006, IEEE Trans. Image Process. 15(2), 430-444.
 */
export function vif(fused: NdArray, a: NdArray, b: NdArray, convention: Convention = 'evaluator'): number {
  const combined = inConvention('vif', convention, COMBINED);
  const images = grayTripletOf('vif', { fused, a, b });
  if (convention !== 'evaluator') expectSide('vif', images.fused, LEAST_SIDE);
  return combined(vifOfSources(images));
}

/** Visual information fidelity in the `evaluator` convention. */
export const VIF: Metric<'VIF'> = {
  id: 'VIF',
  name: 'visual information fidelity',
  unit: '1',
  range: [0, Number.POSITIVE_INFINITY],
  better: 'higher',
  combine: 'sum',
  reference: 'Sheikh and Bovik 2006, IEEE Trans. Image Process. 15(2), 430-444',
  constant: 2,
  undefinedWhere:
    'without a meaning below 41x41 pixels; a ShapeError where at one of the scales the window is larger than the image in one direction and smaller in the other',
  compute: ({ fused, a, b }) => vif(fused, a, b),
};

/** Visual information fidelity in the `matlab` convention. */
export const VIF_MATLAB: Metric<'VIF'> = {
  ...VIF,
  constant: Number.NaN,
  undefinedWhere: 'NaN for a constant source; a ShapeError below 41x41 pixels',
  compute: ({ fused, a, b }) => vif(fused, a, b, 'matlab'),
};

/** Visual information fidelity in the `standard` convention. */
export const VIF_STANDARD: Metric<'VIF'> = {
  ...VIF_MATLAB,
  combine: 'mean',
  compute: ({ fused, a, b }) => vif(fused, a, b, 'standard'),
};
