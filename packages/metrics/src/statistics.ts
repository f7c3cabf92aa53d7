import type { GrayImage } from './gray.js';

/**
 * The mean. It is taken relative to the first value, so that equal values deviate from it by exactly 0, whatever their
 * value.
 */
export function meanOf({ data }: Pick<GrayImage, 'data'>): number {
  const first = data[0] as number;
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += (data[i] as number) - first;
  return first + sum / data.length;
}

/**
 * `sum (x - centreX)(y - centreY) / sqrt(sum (x - centreX)^2 sum (y - centreY)^2)`: Pearson's correlation where the
 * centres are the means. NaN where one of the two deviates nowhere.
 */
export function correlation(x: Float64Array, centreX: number, y: Float64Array, centreY: number): number {
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
