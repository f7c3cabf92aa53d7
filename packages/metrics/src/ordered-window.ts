import type { Plane } from './window.js';

/** Variances and covariance of two images in a window. */
export interface Moments {
  readonly varianceX: number;
  readonly varianceY: number;
  readonly covariance: number;
}

/**
 * A Gaussian window of `size` x `size` pixels that adds up its pixels one by one, from the last to the first, as scipy's
 * convolution does. Slower than two filters along rows and columns, but with the same rounding errors: the Evaluator's
 * digits depend on these where a variance, the difference of two numbers near 255^2, is next to nothing.
 */
export class OrderedWindow {
  readonly #weights: Float64Array;

  constructor(
    readonly size: number,
    sigma: number,
  ) {
    const centre = (size - 1) / 2;
    const weights = Float64Array.from({ length: size * size }, (_, i) => {
      const distance = ((i % size) - centre) ** 2 + (Math.floor(i / size) - centre) ** 2;
      return Math.exp(-distance / (2 * sigma * sigma));
    });
    const sum = weights.reduce((total, weight) => total + weight, 0);
    this.#weights = weights.map((weight) => weight / sum);
  }

  /** Weighted means at every other place of every other row. */
  halve({ data, height, width }: Plane): Plane {
    const { size } = this;
    const rows = Math.ceil((height - size + 1) / 2);
    const columns = Math.ceil((width - size + 1) / 2);
    const half = new Float64Array(rows * columns);
    for (let row = 0; row < rows; row++) {
      const sums = half.subarray(row * columns, (row + 1) * columns);
      const first = 2 * row * width;
      let column = 0;
      for (; column + 4 <= columns; column += 4)
        this.#fourMeans(sums, column, data, width, first + 2 * column);
      for (; column < columns; column++) sums[column] = this.#mean(data, width, first + 2 * column);
    }
    return { data: half, height: rows, width: columns };
  }

  /**
   * The weighted means at four places, two pixels apart. A pixel under one place of the window is two places further in
   * the next window to the left: each is read once, not four times.
   */
  #fourMeans(sums: Float64Array, column: number, data: Float64Array, width: number, first: number): void {
    const { size } = this;
    const weights = this.#weights;
    let sum0 = 0;
    let sum1 = 0;
    let sum2 = 0;
    let sum3 = 0;
    let k = weights.length - 1;
    for (let down = size - 1; down >= 0; down--, k--) {
      const start = first + down * width;
      let i = start + size - 1;
      let even1 = data[i + 2] as number;
      let even2 = data[i + 4] as number;
      let even3 = data[i + 6] as number;
      let odd1 = data[i + 1] as number;
      let odd2 = data[i + 3] as number;
      let odd3 = data[i + 5] as number;
      for (; i > start; i -= 2, k -= 2) {
        const weight = weights[k] as number;
        const next = weights[k - 1] as number;
        const even0 = data[i] as number;
        const odd0 = data[i - 1] as number;
        sum0 = sum0 + even0 * weight + odd0 * next;
        sum1 = sum1 + even1 * weight + odd1 * next;
        sum2 = sum2 + even2 * weight + odd2 * next;
        sum3 = sum3 + even3 * weight + odd3 * next;
        even3 = even2;
        even2 = even1;
        even1 = even0;
        odd3 = odd2;
        odd2 = odd1;
        odd1 = odd0;
      }
      const weight = weights[k] as number;
      sum0 += (data[start] as number) * weight;
      sum1 += even1 * weight;
      sum2 += even2 * weight;
      sum3 += even3 * weight;
    }
    sums[column] = sum0;
    sums[column + 1] = sum1;
    sums[column + 2] = sum2;
    sums[column + 3] = sum3;
  }

  /** The moments in the window whose upper left corner is at the element `first`. */
  moments({ data: x, width }: Plane, { data: y }: Plane, first: number): Moments {
    const meanX = this.#mean(x, width, first);
    const meanY = this.#mean(y, width, first);
    return {
      varianceX: this.#mean(x, width, first, x) - meanX * meanX,
      varianceY: this.#mean(y, width, first, y) - meanY * meanY,
      covariance: this.#mean(x, width, first, y) - meanX * meanY,
    };
  }

  /** The weighted mean of x, or of xy. */
  #mean(x: Float64Array, width: number, first: number, y?: Float64Array): number {
    const { size } = this;
    let sum = 0;
    for (let down = size - 1; down >= 0; down--) {
      for (let right = size - 1; right >= 0; right--) {
        const i = first + down * width + right;
        const value = (x[i] as number) * (y ? (y[i] as number) : 1);
        sum += value * (this.#weights[down * size + right] as number);
      }
    }
    return sum;
  }
}
