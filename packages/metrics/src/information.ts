import type { GrayImage, GrayTriplet } from './gray.js';

// From 2^52 to 2^53 float64 has the whole numbers alone: adding a number in there, and subtracting it, rounds.
const ROUNDING = 1.5 * 2 ** 52;

const LEVELS = 256;

/** The nearest of the 256 levels for each value, ties to even, as in numpy. */
function levelsOf({ data }: GrayImage): Uint8Array {
  const levels = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) levels[i] = (data[i] as number) + ROUNDING - ROUNDING;
  return levels;
}

/** How many pixels have each of the 256 levels. */
function histogramOf(image: GrayImage): Uint32Array {
  const levels = image.once(levelsOf);
  const counts = new Uint32Array(LEVELS);
  for (let i = 0; i < levels.length; i++) (counts[levels[i] as number] as number)++;
  return counts;
}

/** `-sum_k p_k log p_k` over the levels, in units of the logarithm. */
export function entropyOf(image: GrayImage, log: (share: number) => number): number {
  let entropy = 0;
  for (const count of image.once(histogramOf)) {
    const share = count / image.data.length;
    if (count > 0) entropy -= share * log(share);
  }
  return entropy;
}

/** `I(x, y) = sum_{kl} p_kl log(p_kl / (p_k p_l))` over pairs of levels, in nats. */
function mutualInformationOf(imageX: GrayImage, imageY: GrayImage): number {
  const [x, y] = [imageX.once(levelsOf), imageY.once(levelsOf)];
  const [ofX, ofY] = [imageX.once(histogramOf), imageY.once(histogramOf)];
  const joint = new Uint32Array(LEVELS * LEVELS);
  for (let i = 0; i < x.length; i++) (joint[(x[i] as number) * LEVELS + (y[i] as number)] as number)++;
  let sum = 0;
  for (let cell = 0; cell < joint.length; cell++) {
    const count = joint[cell] as number;
    if (count === 0) continue;
    const expected = (ofX[Math.floor(cell / LEVELS)] as number) * (ofY[cell % LEVELS] as number);
    sum += count * Math.log((count * x.length) / expected);
  }
  // Rounding errors alone could make it negative.
  return Math.max(0, sum / x.length);
}

/** The information of the three images of a triplet, in nats. */
export interface Information {
  readonly entropy: { readonly fused: number; readonly a: number; readonly b: number };
  /** What the fused image shares with each source. */
  readonly shared: { readonly a: number; readonly b: number };
}

/** Entropies and mutual information, of the histograms of 256 levels and of 256 x 256 pairs of levels. */
export function informationOf({ fused, a, b }: GrayTriplet): Information {
  const nats = (image: GrayImage) => entropyOf(image, Math.log);
  return {
    entropy: { fused: nats(fused), a: nats(a), b: nats(b) },
    shared: { a: mutualInformationOf(fused, a), b: mutualInformationOf(fused, b) },
  };
}
