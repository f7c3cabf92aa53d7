import type { Rng } from '@refusion/core';
import { room } from './room.js';
import { between, clamp01 } from './scalar.js';
import type { SyntheticScene } from './scene.js';
import { expose } from './sensor.js';
import { sunset } from './sunset.js';

const GAMMA = 2.2;
const SENSOR = { blur: 0.35, noise: 0.006 };
// The truth keeps this power of the light; to the rest the eye adapts.
const ADAPTED = 0.08;

/**
 * A scene of high dynamic range (a room with a window, or a landscape against the sun), under-exposed (a) so that its
 * bright part is well lit, and over-exposed (b) so that its dark part is. With the reflectance R in display values and
 * the light E, linear, an exposure of gain g shows `min(1, R (g E)^(1/2.2))`. The truth is `min(1, R E^0.08)`: all well
 * lit at once. Labels: 1 in the bright part, 0 in the dark.
 */
export function meifScene(height: number, width: number, rng: Rng): SyntheticScene {
  const paint = rng.uniform() < 0.6 ? room : sunset;
  const { reflectance, light, bright } = paint(height, width, rng);
  const exposed = (gain: number) => {
    const map = reflectance.map((r, i) => Math.min(1, r * (gain * (light[i] as number)) ** (1 / GAMMA)));
    return expose(map, height, width, SENSOR, rng);
  };
  const shape = [height, width];
  return {
    a: { data: exposed(between(rng, 0.6, 1)), shape },
    b: { data: exposed(between(rng, 12, 30)), shape },
    truth: { data: reflectance.map((r, i) => clamp01(r * (light[i] as number) ** ADAPTED)), shape },
    labels: { data: Uint8Array.from(bright, (part) => Number(part >= 0.5)), shape },
  };
}
