import type { Rng } from '@refusion/core';
import type { Brush } from './canvas.js';
import { ellipse, stroke, union } from './outline.js';
import { between } from './scalar.js';

/** Where the light of `drawLamp` is, in its coordinates, where the arm points to the right. */
export const LAMP_HEAD = { x: 0.16, y: -1.02 } as const;

/** A street lamp on a post about 1 high; its arm points to the right (`side` 1) or to the left (-1). */
export function drawLamp(draw: Brush, side: 1 | -1, lit: boolean): void {
  const reach = LAMP_HEAD.x * side;
  const post = union(stroke(0, 0, 0, -1, 0.011), stroke(0, -1, reach, LAMP_HEAD.y - 0.01, 0.01));
  draw(post, { reflectance: 0.35, heat: 0.4 });
  const head = ellipse(reach, LAMP_HEAD.y, 0.045, 0.018);
  draw(head, { reflectance: 0.6, heat: lit ? 0.8 : 0.4, glow: lit ? 2 : 0 });
}

/** A round road sign on a post, about 1 high: plain to the eye, hardly there in the infrared. */
export function drawSign(draw: Brush, rng: Rng): void {
  const [y, radius] = [-0.85, 0.17];
  draw(stroke(0, 0, 0, y, 0.02), { reflectance: 0.5, heat: 0.37 });
  draw(ellipse(0, y, radius, radius), { reflectance: 0.3, heat: 0.36 });
  draw(ellipse(0, y, 0.78 * radius, 0.78 * radius), { reflectance: 0.95, heat: 0.35 });
  const tilt = between(rng, -0.08, 0.08);
  draw(stroke(-tilt, y - 0.07, tilt, y + 0.07, 0.024), { reflectance: 0.08, heat: 0.36 });
}
