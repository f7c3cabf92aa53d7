// The standard normal distribution, four numbers at a time. NaN stays NaN.

/** phi(x) = exp(-x^2 / 2) / sqrt(2 pi) */
export function normalDensity(x: v128): v128 {
  const exponent = f32x4.mul(f32x4.mul(x, x), f32x4.splat(-0.5));
  return f32x4.mul(exponential(exponent), f32x4.splat(0.3989422804014327));
}

/**
 * Phi(x), given phi(x), with an error below 7.5e-8 and a rounding: Abramowitz and Stegun, Handbook of Mathematical
 * Functions, 26.2.17.
 */
export function normalDistribution(x: v128, density: v128): v128 {
  const one = f32x4.splat(1);
  const t = f32x4.div(one, f32x4.add(f32x4.mul(f32x4.abs(x), f32x4.splat(0.2316419)), one));
  let tail = f32x4.splat(1.330274429);
  tail = f32x4.add(f32x4.mul(tail, t), f32x4.splat(-1.821255978));
  tail = f32x4.add(f32x4.mul(tail, t), f32x4.splat(1.781477937));
  tail = f32x4.add(f32x4.mul(tail, t), f32x4.splat(-0.356563782));
  tail = f32x4.add(f32x4.mul(tail, t), f32x4.splat(0.31938153));
  tail = f32x4.mul(f32x4.mul(tail, t), density);
  return v128.bitselect(tail, f32x4.sub(one, tail), f32x4.lt(x, f32x4.splat(0)));
}

/** exp(x) for x at most 0; below -87 it is that of -87, 1.6e-38. */
function exponential(x: v128): v128 {
  const bounded = f32x4.max(x, f32x4.splat(-87));
  // exp(x) = 2^n exp(r) with |r| at most half of log 2, which is subtracted in two parts, the first of few digits.
  const n = f32x4.nearest(f32x4.mul(bounded, f32x4.splat(1.4426950408889634)));
  let r = f32x4.sub(bounded, f32x4.mul(n, f32x4.splat(0.693145751953125)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(1.4286068203094172e-6)));
  // Taylor's series, in pairs, so that an operation waits for fewer others; what is left out is below 6e-9.
  const square = f32x4.mul(r, r);
  const p01 = f32x4.add(r, f32x4.splat(1));
  const p23 = f32x4.add(f32x4.mul(r, f32x4.splat(1.0 / 6.0)), f32x4.splat(0.5));
  const p45 = f32x4.add(f32x4.mul(r, f32x4.splat(1.0 / 120.0)), f32x4.splat(1.0 / 24.0));
  const p67 = f32x4.add(f32x4.mul(r, f32x4.splat(1.0 / 5040.0)), f32x4.splat(1.0 / 720.0));
  const low = f32x4.add(p01, f32x4.mul(square, p23));
  const high = f32x4.add(p45, f32x4.mul(square, p67));
  const p = f32x4.add(low, f32x4.mul(f32x4.mul(square, square), high));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return f32x4.mul(p, power);
}
