import { ShapeError } from '@refusion/core';

/**
 * A whole number as a function of the symbolic sizes: a polynomial that is linear in each of them. Coefficient `i`
 * belongs to the product of the sizes whose bits are set in `i`; coefficient 0 is the constant.
 */
export type Size = readonly number[];

/** The first marker: no number that stands in a network as it is, and a prime so that products tell their factors. */
export const FIRST_MARKER = 1009;
/** Primes apart from each other by different steps, one for each symbol. */
const MARKERS = [1009, 2003, 3001, 4001, 5003, 6007, 7001, 8009];
export const MOST_SYMBOLS = 5;

/** The sizes at which a function of some symbols is traced: every corner of a cube of side one, and a place outside. */
export function tracePlaces(symbols: readonly string[]): Readonly<Record<string, number>>[] {
  const corners = Array.from({ length: 2 ** symbols.length }, (_unused, corner) =>
    Object.fromEntries(symbols.map((s, i) => [s, (MARKERS[i] as number) + ((corner >> i) & 1)])),
  );
  if (symbols.length === 0) return corners;
  return [...corners, Object.fromEntries(symbols.map((s, i) => [s, (MARKERS[i] as number) + 12 + i]))];
}

/** The polynomial through a number's values at `tracePlaces`, or null if it is none with whole coefficients. */
export function fitSize(values: readonly number[], symbolCount: number): Size | null {
  const corners = 2 ** symbolCount;
  const coefficients = values.slice(0, corners);
  // Newton's differences along each axis, then from markers to zero.
  for (let bit = 1; bit < corners; bit <<= 1) {
    for (let i = 0; i < corners; i++) {
      if (i & bit) coefficients[i] = (coefficients[i] as number) - (coefficients[i ^ bit] as number);
    }
  }
  for (let bit = 1, axis = 0; bit < corners; bit <<= 1, axis++) {
    for (let i = 0; i < corners; i++) {
      if (i & bit) {
        const low = coefficients[i ^ bit] as number;
        coefficients[i ^ bit] = low - (MARKERS[axis] as number) * (coefficients[i] as number);
      }
    }
  }
  const check = values[corners];
  const outside = MARKERS.slice(0, symbolCount).map((marker, i) => marker + 12 + i);
  const fits = check === undefined || evaluateSize(coefficients, outside) === check;
  return fits && coefficients.every(Number.isSafeInteger) ? coefficients : null;
}

/** A size's value where the symbols have these values. */
export function evaluateSize(size: Size, at: readonly number[]): number {
  return size.reduce(
    (total, coefficient, i) =>
      total + at.reduce((term, value, axis) => ((i >> axis) & 1 ? term * value : term), coefficient),
    0,
  );
}

/** The constant that a size is, or null if it depends on a symbol. */
export function constantSize(size: Size): number | null {
  return size.slice(1).every((coefficient) => coefficient === 0) ? (size[0] as number) : null;
}

/** `H*W`, `2*H + 3` */
export function formatSize(size: Size, symbols: readonly string[]): string {
  const terms = size.flatMap((coefficient, i) => {
    if (coefficient === 0) return [];
    const factors = symbols.filter((_symbol, axis) => (i >> axis) & 1);
    return [[...(coefficient === 1 && factors.length > 0 ? [] : [`${coefficient}`]), ...factors].join('*')];
  });
  return terms.reverse().join(' + ').replaceAll('+ -', '- ') || '0';
}

/**
 * What the numbers in a traced graph mean. The graph is traced at markers; passes work with these numbers; when a
 * node is emitted each number is looked up here. A number below every marker is a constant by itself.
 */
export class SizeTable {
  private readonly known = new Map<number, Size>();
  private readonly reciprocals = new Map<number, Size>();

  constructor(readonly symbols: readonly string[]) {
    for (const [i] of symbols.entries()) {
      this.add(Array.from({ length: 2 ** symbols.length }, (_unused, j) => (j === 1 << i ? 1 : 0)));
    }
  }

  /** @throws ShapeError if the number already means something else */
  add(size: Size): void {
    const value = evaluateSize(size, MARKERS.slice(0, this.symbols.length));
    const other = this.known.get(value);
    if (other?.some((coefficient, i) => coefficient !== size[i])) {
      throw new ShapeError(
        `compile: the sizes ${formatSize(other, this.symbols)} and ${formatSize(size, this.symbols)} cannot be told apart, give one a fixed number`,
      );
    }
    this.known.set(value, size);
  }

  /** Learns that a constant is one over a size, as means have it. */
  addReciprocal(value: number, size: Size): void {
    this.reciprocals.set(value, size);
  }

  /** The size that a constant is one over, or null. */
  reciprocalOf(value: number): Size | null {
    return this.reciprocals.get(value) ?? null;
  }

  /** @throws ShapeError if nothing is known about a number */
  of(value: number): Size {
    const found = this.known.get(value) ?? this.multiple(value);
    if (found) return found;
    if (this.symbols.length === 0 || Math.abs(value) < FIRST_MARKER) {
      return [value, ...new Array<number>(2 ** this.symbols.length - 1).fill(0)];
    }
    throw new ShapeError(`compile: the size ${value} cannot be expressed by ${this.symbols.join(', ')}`);
  }

  /** A multiple of one symbol, such as passes make: markers are primes. */
  private multiple(value: number): Size | null {
    const axis = this.symbols.findIndex((_symbol, i) => value % (MARKERS[i] as number) === 0);
    const factor = value / (MARKERS[axis] as number);
    if (axis < 0 || factor >= FIRST_MARKER) return null;
    return Array.from({ length: 2 ** this.symbols.length }, (_unused, i) => (i === 1 << axis ? factor : 0));
  }
}
