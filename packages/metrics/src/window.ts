/** An image without its checks: row-major, of any values. A `GrayImage` is one. */
export interface Plane {
  readonly data: Float64Array;
  readonly height: number;
  readonly width: number;
}

/** Weighted means in the windows of a row: of two images, of their squares and of their product. */
export interface LocalMeans {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly xx: Float64Array;
  readonly yy: Float64Array;
  readonly xy: Float64Array;
}

/** How many rows are filtered together: few enough for the caches, enough to share the rows that windows overlap in. */
const BAND = 32;

/**
 * One row or column of a Gaussian window of `size` x `size` pixels, `size` odd: the window is the product of the two,
 * and its weights have the sum 1.
 */
export function gaussianTaps(size: number, sigma: number): Float64Array {
  const taps = Float64Array.from({ length: size }, (_, i) =>
    Math.exp(-((i - (size - 1) / 2) ** 2) / (2 * sigma * sigma)),
  );
  const sum = taps.reduce((total, tap) => total + tap, 0);
  return taps.map((tap) => tap / sum);
}

/**
 * `output[i] = sum_k taps[k] input[i + k step]` for `i` from 0 up to `length`, with symmetric taps. Taps come in pairs,
 * and four pairs at a time: three times as fast as one by one.
 */
function filterAlong(
  input: Float64Array,
  step: number,
  taps: Float64Array,
  output: Float64Array,
  length: number,
): void {
  const last = taps.length - 1;
  const radius = last / 2;
  const tap = (k: number) => taps[k] as number;
  const centre = tap(radius);
  const atCentre = radius * step;
  for (let i = 0; i < length; i++) output[i] = centre * (input[i + atCentre] as number);
  let k = 0;
  for (; k + 4 <= radius; k += 4) {
    const [w0, w1, w2, w3] = [tap(k), tap(k + 1), tap(k + 2), tap(k + 3)];
    const [a0, a1, a2, a3] = [k * step, (k + 1) * step, (k + 2) * step, (k + 3) * step];
    const end = last * step;
    const [b0, b1, b2, b3] = [end - a0, end - a1, end - a2, end - a3];
    for (let i = 0; i < length; i++) {
      (output[i] as number) +=
        w0 * ((input[i + a0] as number) + (input[i + b0] as number)) +
        w1 * ((input[i + a1] as number) + (input[i + b1] as number)) +
        w2 * ((input[i + a2] as number) + (input[i + b2] as number)) +
        w3 * ((input[i + a3] as number) + (input[i + b3] as number));
    }
  }
  for (; k < radius; k++) {
    const weight = tap(k);
    const [first, second] = [k * step, (last - k) * step];
    for (let i = 0; i < length; i++) {
      (output[i] as number) += weight * ((input[i + first] as number) + (input[i + second] as number));
    }
  }
}

function multiply(x: Float64Array, y: Float64Array, output: Float64Array): Float64Array {
  for (let i = 0; i < x.length; i++) output[i] = (x[i] as number) * (y[i] as number);
  return output.subarray(0, x.length);
}

/**
 * Slides a window over an image `x` and, one after the other, its partners `y`, through all places inside the image, and
 * shows the weighted means there to `visit`, row by row: those of the windows that begin in `row` stand at `start` up to
 * `end`. What concerns `x` alone is computed once for all partners, and the memory is that of a few rows.
 *
 * @param taps of the window, no longer than the image is high and wide
 */
export function slideWindow(
  taps: Float64Array,
  x: Plane,
  partners: readonly Plane[],
  visit: (partner: number, means: LocalMeans, start: number, end: number, row: number) => void,
): void {
  const { height, width } = x;
  const overlap = taps.length - 1;
  const band = () => new Float64Array(BAND * width);
  const product = new Float64Array((BAND + overlap) * width);
  const columns = band();
  const means = { x: band(), y: band(), xx: band(), yy: band(), xy: band() };
  const smooth = (input: Float64Array, output: Float64Array): void => {
    const length = input.length - overlap * width;
    filterAlong(input, width, taps, columns, length);
    // The rows lie one after the other: places that reach from one into the next are computed too, and never shown.
    filterAlong(columns, 1, taps, output, length - overlap);
  };
  for (let top = 0; top < height - overlap; top += BAND) {
    const rows = Math.min(BAND, height - overlap - top);
    const rowsOf = ({ data }: Plane) => data.subarray(top * width, (top + rows + overlap) * width);
    const inX = rowsOf(x);
    smooth(inX, means.x);
    smooth(multiply(inX, inX, product), means.xx);
    for (const [index, partner] of partners.entries()) {
      const inY = rowsOf(partner);
      smooth(inY, means.y);
      smooth(multiply(inY, inY, product), means.yy);
      smooth(multiply(inX, inY, product), means.xy);
      for (let row = 0; row < rows; row++) {
        visit(index, means, row * width, (row + 1) * width - overlap, top + row);
      }
    }
  }
}
