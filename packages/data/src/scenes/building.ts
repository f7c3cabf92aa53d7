import type { Rng } from '@refusion/core';
import type { Brush } from './canvas.js';
import { noise } from './noise.js';
import { type Bounds, box } from './outline.js';
import { between, smoothstep } from './scalar.js';

/** A house front of brick with rows of windows, some lit at night. */
export function drawBuilding(draw: Brush, rng: Rng, front: Bounds, night: boolean): void {
  const [left, top, right] = front;
  const tone = between(rng, 0.35, 0.75);
  const warmth = between(rng, 0.34, 0.5);
  const grain = noise(rng, 3);
  const course = between(rng, 0.016, 0.024); // the height of a row of bricks
  draw(box(front), (x, y) => {
    const row = Math.floor(y / course);
    const inBrick = (x / (2 * course) + 0.5 * (row % 2) + 99) % 1;
    const joint = y / course - row < 0.18 || inBrick < 0.1 ? 0.86 : 1;
    return {
      reflectance: tone * joint * (0.75 + 0.5 * grain(30 * x, 30 * y)),
      heat: warmth + 0.12 * grain(5 * x, 5 * y),
    };
  });
  draw(box([left - 0.01, top - 0.015, right + 0.01, top + 0.012]), { reflectance: 0.6 * tone, heat: 0.3 });
  drawWindows(draw, rng, front, night);
}

function drawWindows(draw: Brush, rng: Rng, [left, top, right, bottom]: Bounds, night: boolean): void {
  const columns = Math.max(1, Math.round((right - left) / 0.11));
  const rows = Math.max(1, Math.round((bottom - top) / 0.13));
  const [w, h] = [(0.27 * (right - left)) / columns, (0.32 * (bottom - top)) / rows];
  for (let i = 0; i < rows * columns; i++) {
    const x = left + (((i % columns) + 0.5) * (right - left)) / columns;
    const y = top + ((Math.floor(i / columns) + 0.5) * (bottom - top)) / rows;
    drawWindow(draw, rng, [x - w, y - h, x + w, y + h], night && rng.uniform() < 0.3);
  }
}

function drawWindow(draw: Brush, rng: Rng, [left, top, right, bottom]: Bounds, lit: boolean): void {
  const frame = 0.006;
  const light = lit ? between(rng, 0.5, 0.95) : 0;
  const glass = between(rng, 0.08, 0.22);
  draw(box([left - frame, top - frame, right + frame, bottom + frame]), { reflectance: 0.8, heat: 0.4 });
  draw(box([left, top, right, bottom]), (x, y) => ({
    // Glass mirrors the sky, which is cold in the infrared; a heated room shows a little.
    reflectance: glass + 0.25 * smoothstep(bottom, top, y),
    heat: lit ? 0.42 : 0.2,
    glow: Math.abs(x - (left + right) / 2) < 0.004 ? 0.3 * light : light, // a bar down the middle
  }));
}
