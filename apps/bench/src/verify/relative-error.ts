type Numbers = ArrayLike<number>;

/**
 * ||actual - expected|| / ||expected||, the relative error in the L2 norm. Where nothing but zeros is expected it is 0
 * for zeros and Infinity for anything else that float64 can square; a NaN anywhere makes it NaN.
 */
export function relativeError(actual: Numbers, expected: Numbers): number {
  let difference = 0;
  let norm = 0;
  for (let i = 0; i < expected.length; i++) {
    const y = expected[i] as number;
    difference += ((actual[i] as number) - y) ** 2;
    norm += y * y;
  }
  return difference === 0 ? 0 : Math.sqrt(difference / norm);
}
