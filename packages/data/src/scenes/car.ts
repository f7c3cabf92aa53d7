import type { Rng } from '@refusion/core';
import type { Brush } from './canvas.js';
import { box, convex, union } from './outline.js';
import { between, mix, smoothstep } from './scalar.js';

const SIDES = [-1, 1] as const;

/**
 * A car from the front or from behind: its engine or exhaust is warm in the infrared, its lights glow at night. It
 * stands on the origin and is 1 wide.
 */
export function drawCar(draw: Brush, rng: Rng, night: boolean): void {
  const tone = between(rng, 0.15, 0.85);
  const front = rng.uniform() < 0.5;
  const wheels = SIDES.map((side) => box([0.38 * side - 0.08, -0.22, 0.38 * side + 0.08, 0], 0.03));
  draw(union(...wheels), { reflectance: 0.06, heat: 0.8 });
  drawCabin(draw, tone);
  draw(box([-0.5, -0.47, 0.5, -0.1], 0.07), (x, y) => {
    const crease = Math.abs(y + 0.33) < 0.012 ? 0.7 : 1;
    // The bonnet is warm in front; behind, the warmth sits low, at the exhaust.
    const warm = front ? smoothstep(0.5, 0, Math.abs(x)) : smoothstep(-0.35, -0.1, y);
    return {
      reflectance: tone * crease * mix(0.7, 1.1, smoothstep(-0.1, -0.47, y)),
      heat: 0.5 + 0.42 * warm,
    };
  });
  const plate = box([-0.2, -0.25, 0.2, -0.16], 0.01); // in front, the grille
  draw(plate, { reflectance: front ? 0.1 : 0.85, heat: front ? 0.95 : 0.6 });
  const lamps = SIDES.map((side) => box([0.38 * side - 0.08, -0.4, 0.38 * side + 0.08, -0.31], 0.03));
  const glow = front ? 1.6 : 0.7;
  draw(union(...lamps), {
    reflectance: front ? 0.9 : 0.35,
    heat: front ? 0.7 : 0.55,
    glow: night ? glow : 0,
  });
}

function drawCabin(draw: Brush, tone: number): void {
  const roof = convex([
    [-0.34, -0.72],
    [0.34, -0.72],
    [0.45, -0.42],
    [-0.45, -0.42],
  ]);
  const pane = convex([
    [-0.29, -0.68],
    [0.29, -0.68],
    [0.37, -0.44],
    [-0.37, -0.44],
  ]);
  draw(roof, { reflectance: tone, heat: 0.52 });
  draw(pane, (x, y) => {
    const gleam = smoothstep(0.06, 0, Math.abs(x + y + 0.35)); // a slanting reflection
    return { reflectance: 0.08 + 0.5 * gleam, heat: 0.36 };
  });
}
