import type { Rng } from '@refusion/core';
import { blur } from './filter.js';
import { clamp01 } from './scalar.js';

/** How a sensor turns light into values. */
export interface Sensor {
  /** The sharpness: sigma of a Gaussian, in pixels. */
  readonly blur: number;
  /** The standard deviation of each pixel's noise. */
  readonly noise: number;
  /** The standard deviation of the noise that the pixels of a column share. */
  readonly columns?: number;
}

/** The picture that a sensor takes of a `height x width` map: blurred, noisy, held in [0, 1]. */
export function expose(
  map: Float32Array,
  height: number,
  width: number,
  sensor: Sensor,
  rng: Rng,
): Float32Array {
  const picture = blur(map, height, width, sensor.blur);
  const columns = Float32Array.from({ length: width }, () => (sensor.columns ?? 0) * rng.normal());
  return picture.map((value, i) =>
    clamp01(value + (columns[i % width] as number) + sensor.noise * rng.normal()),
  );
}
