/**
 * The error function to float64 precision: its power series for |x| < 2.5 (Abramowitz and Stegun 7.1.6, all terms
 * of one sign, so nothing cancels), else 1 minus the continued fraction of erfc (7.1.14, evaluated backwards).
 */
export function erf(x: number): number {
  const size = Math.abs(x);
  if (Number.isNaN(x)) return x;
  if (size > 6) return Math.sign(x);
  return Math.sign(x) * (size < 2.5 ? series(size) : 1 - complement(size));
}

/** `1 - erf(x)`, without the cancellation where x is large: a relative error of at most 1e-12, until it underflows. */
export function erfc(x: number): number {
  return x > 2.5 ? complement(x) : 1 - erf(x);
}

function series(x: number): number {
  let term = x;
  let total = x;
  for (let n = 1; term > total * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    total += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

function complement(x: number): number {
  let fraction = x;
  for (let n = 80; n >= 1; n--) fraction = x + n / 2 / fraction;
  return Math.exp(-x * x) / (Math.sqrt(Math.PI) * fraction);
}
