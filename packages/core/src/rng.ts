import { expectInteger } from './expect.js';

/** The four 32-bit words of a generator, enough to continue it exactly. */
export type RngState = readonly [number, number, number, number];

/**
 * A seeded random generator (sfc32 of PractRand). The same seed gives the same sequence on every machine. Always
 * passed in, never global.
 */
export interface Rng {
  /** A number in [0, 1), with 32 random bits. */
  uniform(): number;
  /** A standard normal number (Box and Muller's transform). */
  normal(): number;
  /** A whole number in [0, below). */
  integer(below: number): number;
  /** A new array with the items in random order (Fisher and Yates). */
  shuffle<V>(items: readonly V[]): V[];
  /** An independent generator, named by a label: its sequence depends on the state now and on the label alone. */
  fork(label: string): Rng;
  /** The state now; `rngFrom` continues it. */
  state(): RngState;
}

/** A generator that starts from a seed: a whole number of at least 0. */
export function rng(seed: number): Rng {
  expectInteger('rng', 'seed', seed, 0);
  return warmedUp([seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0, 0x9e3779b9, 1]);
}

/** Continues a generator from a state that it gave. */
export function rngFrom(state: RngState): Rng {
  let [a, b, c, counter] = state;

  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return sum >>> 0;
  };
  const uniform = (): number => next() / 2 ** 32;
  const integer = (below: number): number => Math.floor(uniform() * below);

  return {
    uniform,
    integer,
    normal: () => {
      // 1 - u lies in (0, 1], so the logarithm is finite.
      const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
      return radius * Math.cos(2 * Math.PI * uniform());
    },
    shuffle: (items) => {
      const out = [...items];
      for (let i = out.length - 1; i > 0; i--) {
        const j = integer(i + 1);
        const swapped = out[i] as (typeof out)[number];
        out[i] = out[j] as (typeof out)[number];
        out[j] = swapped;
      }
      return out;
    },
    fork: (label) => {
      let hash = 0x811c9dc5; // FNV-1a
      for (let i = 0; i < label.length; i++) {
        hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
      }
      return warmedUp([a, b, c ^ hash, counter ^ Math.imul(hash, 0x85ebca6b)]);
    },
    state: () => [a >>> 0, b >>> 0, c >>> 0, counter >>> 0],
  };
}

/** Twelve discarded draws spread a seed's few bits over the whole state, as the generator's author advises. */
function warmedUp(state: RngState): Rng {
  const generator = rngFrom(state);
  for (let i = 0; i < 12; i++) generator.uniform();
  return generator;
}
