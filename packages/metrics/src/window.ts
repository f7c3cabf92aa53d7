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

/** How many places are filtered at a time. */
const PLACES = 4;
/**
 * How many rows are filtered together, a multiple of `PLACES`: few enough for the caches, enough to share the rows that
 * windows overlap in.
 */
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

/** Where a filter is wanted: from `start` in steps of `stride` up to `end`, and at the three places `step` after each of these. */
interface Places {
  readonly start: number;
  readonly end: number;
  readonly stride: number;
  /** From one pixel under a tap to the next. */
  readonly step: number;
}

/**
 * `output[i] = sum_k taps[k] input[i + k step]` with symmetric taps, which come in pairs. Four places are filtered at a
 * time, for the pixels under a tap of one are under the next tap of its neighbour: each is read once, not four times.
 */
function filterAt(
  { start, end, stride, step }: Places,
  input: Float64Array,
  taps: Float64Array,
  output: Float64Array,
): void {
  const last = (taps.length - 1) * step;
  const radius = (taps.length - 1) / 2;
  const centre = taps[radius] as number;
  for (let i = start; i < end; i += stride) {
    const middle = i + last / 2;
    let sum0 = centre * (input[middle] as number);
    let sum1 = centre * (input[middle + step] as number);
    let sum2 = centre * (input[middle + 2 * step] as number);
    let sum3 = centre * (input[middle + 3 * step] as number);
    let near0 = input[i] as number;
    let near1 = input[i + step] as number;
    let near2 = input[i + 2 * step] as number;
    let far1 = input[i + last + step] as number;
    let far2 = input[i + last + 2 * step] as number;
    let far3 = input[i + last + 3 * step] as number;
    let near = i + 3 * step;
    let far = i + last;
    for (let k = 0; k < radius; k++) {
      const weight = taps[k] as number;
      const near3 = input[near] as number;
      const far0 = input[far] as number;
      near += step;
      far -= step;
      sum0 += weight * (near0 + far0);
      sum1 += weight * (near1 + far1);
      sum2 += weight * (near2 + far2);
      sum3 += weight * (near3 + far3);
      near0 = near1;
      near1 = near2;
      near2 = near3;
      far3 = far2;
      far2 = far1;
      far1 = far0;
    }
    output[i] = sum0;
    output[i + step] = sum1;
    output[i + 2 * step] = sum2;
    output[i + 3 * step] = sum3;
  }
}

function multiply(x: Float64Array, y: Float64Array, output: Float64Array): Float64Array {
  for (let i = 0; i < x.length; i++) output[i] = (x[i] as number) * (y[i] as number);
  return output;
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
  // The places come in fours, of which the last may reach a little further.
  const band = (rows: number) => new Float64Array(rows * width + PLACES);
  const [inX, inY, product] = [band(BAND + overlap), band(BAND + overlap), band(BAND + overlap)];
  const columns = band(BAND);
  const means = { x: band(BAND), y: band(BAND), xx: band(BAND), yy: band(BAND), xy: band(BAND) };
  const smooth = (input: Float64Array, output: Float64Array): void => {
    for (let row = 0; row < BAND; row += PLACES) {
      filterAt({ start: row * width, end: (row + 1) * width, stride: 1, step: width }, input, taps, columns);
    }
    // The rows lie one after the other: places that reach from one into the next are computed too, and never shown.
    filterAt({ start: 0, end: BAND * width - overlap, stride: PLACES, step: 1 }, columns, taps, output);
  };
  for (let top = 0; top < height - overlap; top += BAND) {
    // Rows below the image keep what they had, and are never shown either.
    const load = ({ data }: Plane, rows: Float64Array) =>
      rows.set(data.subarray(top * width, (top + BAND + overlap) * width));
    load(x, inX);
    smooth(inX, means.x);
    smooth(multiply(inX, inX, product), means.xx);
    for (const [index, partner] of partners.entries()) {
      load(partner, inY);
      smooth(inY, means.y);
      smooth(multiply(inY, inY, product), means.yy);
      smooth(multiply(inX, inY, product), means.xy);
      for (let row = 0; row < Math.min(BAND, height - overlap - top); row++) {
        visit(index, means, row * width, (row + 1) * width - overlap, top + row);
      }
    }
  }
}
