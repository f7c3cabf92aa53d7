import { FLOAT, LANES, loadSome, storeSome } from './lanes';
import { normalDensity, normalDistribution } from './normal';

/** y = the larger of a and b, NaN where either is. */
export function maximum(a: usize, b: usize, y: usize, count: i32): void {
  for (; count >= LANES; count -= LANES) {
    v128.store(y, f32x4.max(v128.load(a), v128.load(b)));
    a += LANES * FLOAT;
    b += LANES * FLOAT;
    y += LANES * FLOAT;
  }
  storeSome(y, f32x4.max(loadSome(a, count), loadSome(b, count)), count);
}

/** y = -1, 0 or 1, NaN where x is. */
export function sign(x: usize, y: usize, count: i32): void {
  for (; count >= LANES; count -= LANES) {
    v128.store(y, signOf(v128.load(x)));
    x += LANES * FLOAT;
    y += LANES * FLOAT;
  }
  storeSome(y, signOf(loadSome(x, count)), count);
}

function signOf(x: v128): v128 {
  const zero = f32x4.splat(0);
  const positive = v128.bitselect(f32x4.splat(1), x, f32x4.gt(x, zero));
  return v128.bitselect(f32x4.splat(-1), positive, f32x4.lt(x, zero));
}

/** y = x Phi(x) */
export function gelu(x: usize, y: usize, count: i32): void {
  for (; count >= LANES; count -= LANES) {
    v128.store(y, geluOf(v128.load(x)));
    x += LANES * FLOAT;
    y += LANES * FLOAT;
  }
  storeSome(y, geluOf(loadSome(x, count)), count);
}

function geluOf(x: v128): v128 {
  return f32x4.mul(x, normalDistribution(x, normalDensity(x)));
}

/** y = Phi(x) + x phi(x), the derivative of the GELU */
export function geluSlope(x: usize, y: usize, count: i32): void {
  for (; count >= LANES; count -= LANES) {
    v128.store(y, slopeOf(v128.load(x)));
    x += LANES * FLOAT;
    y += LANES * FLOAT;
  }
  storeSome(y, slopeOf(loadSome(x, count)), count);
}

function slopeOf(x: v128): v128 {
  const density = normalDensity(x);
  return f32x4.add(normalDistribution(x, density), f32x4.mul(x, density));
}
