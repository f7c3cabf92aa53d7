import { expectInteger, type Rng, rng, ShapeError } from '@refusion/core';

/** How a bootstrap resamples. */
export interface BootstrapOptions {
  /** How many resamples are drawn; 10,000 by default. */
  readonly resamples?: number;
  /** Of the random numbers: the same seed gives the same resamples on every machine. */
  readonly seed?: number;
}

/**
 * The bootstrap distributions of the means of several columns, paired: each resample draws rows with replacement, the
 * same rows for every column, so that the difference of two columns' distributions is that of the mean difference.
 *
 * Efron and Tibshirani, An Introduction to the Bootstrap, 1993.
 * @param columns of equal length, a value for each row (an image); values that are not finite are left out of the means
 * @returns for each column the means of the resamples, in the order they were drawn; NaN where a resample has no finite
 *   value
 * @throws ShapeError if the columns differ in length; OptionError for a wrong option
 */
export function bootstrapMeans(
  columns: readonly (readonly number[])[],
  { resamples = 10_000, seed = 1 }: BootstrapOptions = {},
): Float64Array[] {
  expectInteger('bootstrapMeans', 'resamples', resamples, 1);
  const rows = columns[0]?.length ?? 0;
  if (columns.some(({ length }) => length !== rows)) {
    throw new ShapeError(
      `bootstrapMeans: the columns must have one length, got ${columns.map(({ length }) => length).join(', ')}`,
    );
  }
  const random = rng(seed);
  const values = columns.map((column) => Float64Array.from(column));
  const means = columns.map(() => new Float64Array(resamples));
  const drawn = new Uint32Array(rows);
  for (let resample = 0; resample < resamples; resample++) {
    draw(drawn, random);
    values.forEach((column, index) => {
      (means[index] as Float64Array)[resample] = meanOfRows(column, drawn);
    });
  }
  return means;
}

function draw(rows: Uint32Array, random: Rng): void {
  for (let i = 0; i < rows.length; i++) rows[i] = random.integer(rows.length);
}

function meanOfRows(column: Float64Array, rows: Uint32Array): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    const value = column[rows[i] as number] as number;
    if (!Number.isFinite(value)) continue;
    sum += value;
    count++;
  }
  return sum / count;
}

/**
 * The percentile interval of a bootstrap distribution: from its (1 - level)/2 quantile to its (1 + level)/2 quantile,
 * between two values by linear interpolation. NaN values are left out; of none, the ends are NaN.
 * @param level the confidence, 0.95 by default
 */
export function percentileInterval(distribution: Float64Array, level = 0.95): readonly [number, number] {
  const sorted = distribution.filter((value) => !Number.isNaN(value)).sort();
  return [quantile(sorted, (1 - level) / 2), quantile(sorted, (1 + level) / 2)];
}

/** @param sorted ascending */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (low === undefined || high === undefined) return Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}
