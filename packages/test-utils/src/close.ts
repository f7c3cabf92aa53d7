/** ||actual - expected|| / ||expected||, or ||actual|| where nothing but zeros is expected. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) {
    throw new Error(`expected ${expected.length} values, got ${actual.length}`);
  }
  let difference = 0;
  let size = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += ((actual[i] as number) - (expected[i] as number)) ** 2;
    size += (expected[i] as number) ** 2;
  }
  return Math.sqrt(size > 0 ? difference / size : difference);
}

/** @throws Error unless the relative error (L2) is within the tolerance; NaN never is. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  const error = relativeError(actual, expected);
  if (error <= tolerance) return;
  throw new Error(`relative error ${error.toExponential(2)} exceeds ${tolerance.toExponential(2)}`);
}

/** The inner product of two flat arrays. */
export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += (a[i] as number) * (b[i] as number);
  return total;
}

/**
 * The derivative at 0 of a function of one number with many values, by the five-point stencil: its error is of the
 * order step^4 from the formula and 1e-16 / step from rounding, about 1e-12 at the default step.
 */
export function derivativeAtZero(fn: (t: number) => Float64Array, step = 1e-3): Float64Array {
  const [p1, m1, p2, m2] = [fn(step), fn(-step), fn(2 * step), fn(-2 * step)];
  return p1.map(
    (value, i) => (8 * (value - (m1[i] as number)) - ((p2[i] as number) - (m2[i] as number))) / (12 * step),
  );
}
