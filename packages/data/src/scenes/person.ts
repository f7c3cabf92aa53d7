import type { Rng } from '@refusion/core';
import type { Brush, Material } from './canvas.js';
import { noise } from './noise.js';
import { ellipse, type Outline, stroke, union } from './outline.js';
import { between, mix, smoothstep } from './scalar.js';

const SIDES = [-1, 1] as const;

/**
 * A person, standing or walking: warm in the infrared, plainly dressed in the visible. The feet are at the origin, the
 * head at the height 1.
 */
export function drawPerson(draw: Brush, rng: Rng): void {
  const folds = noise(rng, 3);
  const cloth =
    (tone: number, heat: number) =>
    (x: number, y: number): Material => {
      const fold = folds(30 * x, 22 * y) - 0.5;
      return { reflectance: tone * (1 + 0.9 * fold), heat: heat + 0.05 * fold };
    };
  const stride = between(rng, 0.02, 0.11);
  const swing = between(rng, -0.08, 0.08);
  draw(union(...SIDES.map((side) => leg(side, stride))), cloth(between(rng, 0.05, 0.25), 0.78));
  const torso = SIDES.map((side) => stroke(0.045 * side, -0.77, 0.03 * side, -0.5, 0.07));
  const arms = SIDES.map((side) => arm(side, swing));
  draw(union(...torso, ...arms), cloth(between(rng, 0.06, 0.4), 0.84));
  const hands = SIDES.map((side) => ellipse(0.13 * side + swing, -0.44, 0.03, 0.032));
  draw(union(...hands), { reflectance: 0.5, heat: 0.94 });
  drawHead(draw);
}

function leg(side: number, stride: number): Outline {
  const [hip, knee, foot] = [0.04 * side, (0.04 + 0.4 * stride) * side, (0.04 + stride) * side];
  return union(stroke(hip, -0.5, knee, -0.27, 0.055), stroke(knee, -0.27, foot, -0.03, 0.04));
}

function arm(side: number, swing: number): Outline {
  const [shoulder, elbow, hand] = [0.11 * side, 0.14 * side + 0.5 * swing, 0.13 * side + swing];
  return union(stroke(shoulder, -0.78, elbow, -0.6, 0.035), stroke(elbow, -0.6, hand, -0.46, 0.03));
}

function drawHead(draw: Brush): void {
  draw(stroke(0, -0.86, 0, -0.82, 0.035), { reflectance: 0.42, heat: 0.96 });
  draw(ellipse(0, -0.925, 0.058, 0.072), (_, y) => {
    const hair = smoothstep(-0.935, -0.955, y);
    return { reflectance: mix(0.5, 0.08, hair), heat: mix(0.99, 0.88, hair) };
  });
}
