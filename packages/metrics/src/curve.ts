const COEFFICIENTS = 4;

/** Where a cubic polynomial meets the function in an interval of width 1: Chebyshev's points, between which it errs least. */
const NODES = [1, 3, 5, 7].map((k) => (1 - Math.cos((k * Math.PI) / 8)) / 2);

/**
 * A smooth function of one variable by cubic polynomials, for where it is needed once a pixel and exponentials are slow.
 * In intervals of width h it is off by less than `h^4 / 3072` of its fourth derivative.
 */
export class Curve {
  readonly #coefficients: Float64Array;
  readonly #perUnit: number;

  /**
   * @param value the function, which must also exist a little beyond `end`
   * @param end the curve goes from 0 to here
   * @param perUnit intervals in a unit
   */
  constructor(value: (x: number) => number, end: number, perUnit: number) {
    this.#perUnit = perUnit;
    // One interval more, for what lies at the end itself.
    const intervals = Math.round(end * perUnit) + 1;
    this.#coefficients = new Float64Array(COEFFICIENTS * intervals);
    for (let i = 0; i < intervals; i++) {
      const polynomial = cubicThrough(NODES.map((node) => value((i + node) / perUnit)));
      this.#coefficients.set(polynomial, COEFFICIENTS * i);
    }
  }

  /** @param x from 0 to the end */
  at(x: number): number {
    const place = x * this.#perUnit;
    const interval = Math.floor(place);
    const t = place - interval;
    const c = this.#coefficients;
    const i = COEFFICIENTS * interval;
    return (
      (c[i] as number) + t * ((c[i + 1] as number) + t * ((c[i + 2] as number) + t * (c[i + 3] as number)))
    );
  }
}

/** The coefficients of the cubic polynomial with these values at the nodes, the constant first: Newton's differences. */
function cubicThrough(values: readonly number[]): number[] {
  const differences = [...values];
  for (let order = 1; order < COEFFICIENTS; order++) {
    for (let k = COEFFICIENTS - 1; k >= order; k--) {
      const rise = (differences[k] as number) - (differences[k - 1] as number);
      differences[k] = rise / ((NODES[k] as number) - (NODES[k - order] as number));
    }
  }
  let polynomial = [0];
  for (let k = COEFFICIENTS - 1; k >= 0; k--) {
    // polynomial * (t - node) + difference
    const node = NODES[k] as number;
    const shifted = [0, ...polynomial];
    polynomial = shifted.map((coefficient, power) => coefficient - node * (polynomial[power] ?? 0));
    polynomial[0] = (polynomial[0] as number) + (differences[k] as number);
  }
  return polynomial.slice(0, COEFFICIENTS);
}
