import type { GrayTriplet } from './gray.js';

// From 2^52 to 2^53 float64 has the whole numbers alone: adding a number in there, and subtracting it, rounds.
const ROUNDING = 1.5 * 2 ** 52;

const LEVELS = 256;

/** The nearest of the 256 levels for each value, ties to even, as in numpy. */
export function levelsOf(data: Float64Array): Uint8Array {
  const levels = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) levels[i] = (data[i] as number) + ROUNDING - ROUNDING;
  return levels;
}

/** How many pixels have each of the 256 levels. */
export function histogramOf(levels: Uint8Array): Uint32Array {
  const counts = new Uint32Array(LEVELS);
  for (let i = 0; i < levels.length; i++) (counts[levels[i] as number] as number)++;
  return counts;
}

/** `-sum_k p_k log p_k`, in units of the logarithm. */
export function entropyOf(counts: Uint32Array, pixels: number, log: (share: number) => number): number {
  let entropy = 0;
  for (const count of counts) {
    const share = count / pixels;
    if (count > 0) entropy -= share * log(share);
  }
  return entropy;
}

/** `I(x, y) = sum_{kl} p_kl log(p_kl / (p_k p_l))` of two images' levels, in nats. */
function mutualInformationOf(x: Uint8Array, y: Uint8Array, ofX: Uint32Array, ofY: Uint32Array): number {
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
  const describe = ({ data }: { readonly data: Float64Array }) => {
    const levels = levelsOf(data);
    const counts = histogramOf(levels);
    return { levels, counts, entropy: entropyOf(counts, data.length, Math.log) };
  };
  const [ofF, ofA, ofB] = [describe(fused), describe(a), describe(b)];
  return {
    entropy: { fused: ofF.entropy, a: ofA.entropy, b: ofB.entropy },
    shared: {
      a: mutualInformationOf(ofF.levels, ofA.levels, ofF.counts, ofA.counts),
      b: mutualInformationOf(ofF.levels, ofB.levels, ofF.counts, ofB.counts),
    },
  };
}
