import type { Rng } from '@refusion/core';
import { drawBuilding } from './building.js';
import { brush, type Canvas, canvas, mapPixels } from './canvas.js';
import { drawGround } from './ground.js';
import { drawHills, drawSky, drawTree } from './landscape.js';
import type { Radiance } from './radiance.js';
import { between, mix } from './scalar.js';

/** A landscape against a low sun: the sky is bright, the ground lies in shadow. */
export function sunset(height: number, width: number, rng: Rng): Radiance {
  const on = canvas(height, width);
  const wide = width / height;
  const horizon = between(rng, 0.45, 0.6);
  drawLandscape(on, rng, horizon);
  const sunX = wide * between(rng, 0.2, 0.8);
  const sunY = horizon - between(rng, 0.05, 0.25);
  const shadow = between(rng, 0.008, 0.03);
  const bright = on.glow.map((glow, i) => glow / Math.max(1e-3, glow + (on.reflectance[i] as number)));
  const light = mapPixels(height, width, (x, y, i) => {
    const sun = Math.exp(-((x - sunX) ** 2 + (y - sunY) ** 2) / 0.02);
    return mix(shadow * (1 + 3 * sun), 0.8 + 2 * sun, bright[i] as number);
  });
  return {
    reflectance: on.reflectance.map((r, i) => Math.min(1, r + (on.glow[i] as number))),
    light,
    bright,
  };
}

function drawLandscape(on: Canvas, rng: Rng, horizon: number): void {
  const draw = brush(on);
  const wide = on.width / on.height;
  drawSky(draw, rng, { top: 0.45, bottom: 0.85 }, horizon);
  drawHills(draw, rng, horizon, between(rng, 0.1, 0.25), 0.4);
  drawGround(draw, rng, { x: wide * between(rng, 0.3, 0.7), horizon });
  const left = wide * between(rng, -0.1, 0.7);
  drawBuilding(draw, rng, [left, horizon - 0.3, left + 0.5, horizon + 0.12], true);
  for (let i = 0; i < 3; i++) {
    const y = horizon + between(rng, 0.1, 0.3);
    drawTree(brush(on, { x: wide * rng.uniform(), y, size: between(rng, 0.4, 0.7) }), rng);
  }
}
