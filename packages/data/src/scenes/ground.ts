import type { Rng } from '@refusion/core';
import type { Brush } from './canvas.js';
import { noise } from './noise.js';
import { band, convex } from './outline.js';
import { between, mix, smoothstep } from './scalar.js';

/** Where a road across the plane vanishes. */
export interface Perspective {
  readonly x: number;
  readonly horizon: number;
}

/** How large a thing of length 1 is that stands on the ground at the height `y` of the picture. */
export function scaleAt({ horizon }: Perspective, y: number): number {
  return (y - horizon) / (1 - horizon);
}

/**
 * Meadow from the horizon down, and on it a straight road with kerbs, lane marks and a zebra crossing.
 * @param road the road's brush; default: the meadow's.
 */
export function drawGround(draw: Brush, rng: Rng, view: Perspective, road: Brush = draw): void {
  const grass = noise(rng, 4);
  const patches = noise(rng, 2);
  draw(band(view.horizon, 1.1), (x, y) => {
    const depth = 1 / Math.max(0.05, y - view.horizon);
    // Far blades are too fine to be seen one by one.
    const near = smoothstep(0, 0.12, y - view.horizon);
    const blade = mix(0.45, grass((x - view.x) * depth * 9, depth * 6), near);
    const patch = patches(3 * x, 8 * y);
    return {
      reflectance: 0.16 + 0.6 * blade * (0.6 + 0.8 * patch),
      heat: 0.28 + 0.2 * (patch - 0.5) + 0.06 * blade,
    };
  });
  drawRoad(road, rng, view);
}

function drawRoad(draw: Brush, rng: Rng, { x: middle, horizon }: Perspective): void {
  const asphalt = noise(rng, 3);
  const wear = noise(rng, 2);
  const half = between(rng, 0.75, 1) / (1 - horizon);
  const crossing = between(rng, 2, 3.2); // how far away, as 1 / (y - horizon)
  const edge = 1.02 - horizon;
  const road = convex([
    [middle - 0.004, horizon],
    [middle + 0.004, horizon],
    [middle + half * edge, 1.02],
    [middle - half * edge, 1.02],
  ]);
  draw(road, (x, y) => {
    const depth = 1 / Math.max(0.02, y - horizon);
    const across = ((x - middle) * depth) / half; // -1 and 1 at the kerbs
    const kerb = Math.abs(across) > 0.93;
    const lane = Math.abs(across) < 0.025 && (depth * 1.1) % 1 < 0.55;
    const zebra = Math.abs(depth - crossing) < 0.12 * crossing && Math.abs(across) < 0.85;
    const mark = lane || (zebra && (across * 4.5 + 20) % 1 < 0.5);
    const grain = asphalt(90 * x, 90 * y) - 0.5;
    const worn = wear(across * 4, depth * 2) - 0.5;
    return {
      reflectance: (mark ? 0.85 : kerb ? 0.62 : 0.36) + 0.14 * grain + 0.1 * worn,
      heat: 0.46 + 0.06 * worn - (kerb ? 0.06 : 0) - (mark ? 0.02 : 0),
    };
  });
}
