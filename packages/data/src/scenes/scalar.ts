import type { Rng } from '@refusion/core';

/** From `a` at `t = 0` to `b` at `t = 1`. */
export function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}

/** `x` held in [0, 1]. */
export function clamp01(x: number): number {
  return Math.min(Math.max(x, 0), 1);
}

/** 0 at `from` and before it, 1 at `to` and beyond, smooth between; `from` may be the greater. */
export function smoothstep(from: number, to: number, x: number): number {
  const t = clamp01((x - from) / (to - from));
  return t * t * (3 - 2 * t);
}

/** A random number in [from, to). */
export function between(rng: Rng, from: number, to: number): number {
  return from + (to - from) * rng.uniform();
}
