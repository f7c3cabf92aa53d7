/**
 * The mean. It is taken relative to the first value, so that equal values deviate from it by exactly 0, whatever their
 * value.
 */
export function meanOf(x: Float64Array): number {
  const first = x[0] as number;
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += (x[i] as number) - first;
  return first + sum / x.length;
}

/**
 * Pearson's correlation of two images, or the same ratio with deviations from other centres than the means. NaN where
 * one of them deviates nowhere.
 */
export function correlation(
  x: Float64Array,
  y: Float64Array,
  centreX: number = meanOf(x),
  centreY: number = meanOf(y),
): number {
  let product = 0;
  let squaresX = 0;
  let squaresY = 0;
  for (let i = 0; i < x.length; i++) {
    const deviationX = (x[i] as number) - centreX;
    const deviationY = (y[i] as number) - centreY;
    product += deviationX * deviationY;
    squaresX += deviationX * deviationX;
    squaresY += deviationY * deviationY;
  }
  return product / Math.sqrt(squaresX * squaresY);
}

/** `mean((x - y)^2)` */
export function meanSquaredError(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) {
    const difference = (x[i] as number) - (y[i] as number);
    sum += difference * difference;
  }
  return sum / x.length;
}
