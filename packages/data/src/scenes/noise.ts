import type { Rng } from '@refusion/core';
import { mix } from './scalar.js';

/** A smooth random function of the plane with values in [0, 1]. */
export type Noise = (x: number, y: number) => number;

/**
 * Fractal value noise: random values on a lattice of spacing 1, smoothly interpolated, plus the same at twice the
 * frequency and half the strength, and so on. The same state of `rng` gives the same function.
 * @param octaves how many frequencies are summed.
 */
export function noise(rng: Rng, octaves = 1): Noise {
  const seed = rng.integer(2 ** 32);
  const total = 2 - 2 ** (1 - octaves); // 1 + 1/2 + 1/4 + ...
  return (x, y) => {
    let sum = 0;
    let frequency = 1;
    for (let octave = 0; octave < octaves; octave++, frequency *= 2) {
      sum += interpolated(x * frequency, y * frequency, seed + octave) / frequency;
    }
    return sum / total;
  };
}

function interpolated(x: number, y: number, seed: number): number {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const u = fade(x - column);
  const v = fade(y - row);
  const top = mix(lattice(column, row, seed), lattice(column + 1, row, seed), u);
  const bottom = mix(lattice(column, row + 1, seed), lattice(column + 1, row + 1, seed), u);
  return mix(top, bottom, v);
}

/** The random value of a lattice point: its coordinates and the seed, well mixed (the finalizer of MurmurHash3). */
function lattice(column: number, row: number, seed: number): number {
  let hash = Math.imul(column, 0x27d4eb2d) ^ Math.imul(row, 0x165667b1) ^ seed;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** Perlin's quintic: from 0 to 1 with vanishing first and second derivatives at both ends. */
function fade(t: number): number {
  return t * t * t * (t * (6 * t - 15) + 10);
}
