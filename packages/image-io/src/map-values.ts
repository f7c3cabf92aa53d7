import { isContiguous, type NdArray, type TypedArray, toFloat64 } from '@refusion/core';

/**
 * Fills an array with a function of each element, in row-major order. `TypedArray.from` would collect the values of a
 * whole picture in a list first, which takes gigabytes for the largest ones.
 * @returns `into`.
 */
export function mapValues<D extends TypedArray>(x: NdArray, into: D, f: (value: number) => number): D {
  const values = isContiguous(x) ? x.data : toFloat64(x);
  for (let i = 0; i < into.length; i++) into[i] = f(values[i] as number);
  return into;
}
