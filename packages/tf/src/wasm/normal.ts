/**
 * A smooth function that rises from 0 to 1, as cubics around -6, -6 + 1/32, ..., 6: four coefficients a node. The
 * error is below 2e-8, and there is no exponential, which would take most of the time.
 */
type Rise = Float64Array;

const STEPS = 32;
/** Beyond it the functions are 0 and 1, to 4e-8. */
const LIMIT = 6;

/** The standard normal distribution function, Phi. */
const normalCdf: Rise = rise((u, density, distribution) => [
  distribution,
  density,
  (-density * u) / 2,
  (density * (u * u - 1)) / 6,
]);

/** The derivative of the GELU, Phi(x) + x phi(x). */
const slope: Rise = rise((u, density, distribution) => [
  distribution + u * density,
  density * (2 - u * u),
  (density * (u ** 3 - 4 * u)) / 2,
  (density * (7 * u * u - u ** 4 - 4)) / 6,
]);

/** The value of such a function; in the module of its loops, so that it is inlined into them. */
function valueAt(table: Rise, x: number): number {
  if (!(x > -LIMIT && x < LIMIT)) return x < 0 ? 0 : x > 0 ? 1 : x;
  // The nearest node, counted from -LIMIT; truncating a positive number is the fastest way to round.
  const node = (x * STEPS + (LIMIT * STEPS + 0.5)) | 0;
  const h = x + (LIMIT - node / STEPS);
  const at = 4 * node;
  const cubic = (table[at + 3] as number) * h + (table[at + 2] as number);
  return (cubic * h + (table[at + 1] as number)) * h + (table[at] as number);
}

/** x Phi(x) */
export function gelu(from: Float32Array, to: Float32Array): void {
  for (let i = 0; i < from.length; i++) to[i] = (from[i] as number) * valueAt(normalCdf, from[i] as number);
}

/** Phi(x) + x phi(x), the derivative of the GELU */
export function geluSlope(from: Float32Array, to: Float32Array): void {
  for (let i = 0; i < from.length; i++) to[i] = valueAt(slope, from[i] as number);
}

type Cubic = readonly [number, number, number, number];

function rise(taylor: (u: number, density: number, distribution: number) => Cubic): Rise {
  const table = new Float64Array(4 * (2 * LIMIT * STEPS + 1));
  for (let at = 0; at < table.length; at += 4) {
    const u = at / 4 / STEPS - LIMIT;
    const density = Math.exp((-u * u) / 2) / Math.sqrt(2 * Math.PI);
    table.set(taylor(u, density, 0.5 + density * centralSeries(u)), at);
  }
  return table;
}

/** (Phi(x) - 1/2) / phi(x) = x + x^3/3 + x^5/15 + ... (Abramowitz and Stegun 26.2.11). */
function centralSeries(x: number): number {
  let term = x;
  let total = x;
  for (let n = 3; Math.abs(term) > Math.abs(total) * 1e-17; n += 2) {
    term *= (x * x) / n;
    total += term;
  }
  return total;
}
