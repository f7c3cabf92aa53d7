import type { Rng } from '@refusion/core';
import { type Canvas, paint } from './canvas.js';
import { noise } from './noise.js';
import { band, box, convex, ellipse, stroke, union } from './outline.js';
import { between, mix, smoothstep } from './scalar.js';

/** Where the road vanishes, in units of the picture's height. */
export interface Perspective {
  readonly x: number;
  readonly horizon: number;
}

/** How large a thing of length 1 is that stands on the ground at the height `y` of the picture. */
export function scaleAt({ horizon }: Perspective, y: number): number {
  return (y - horizon) / (1 - horizon);
}

/** Meadow, and on it a straight road with kerbs, lane marks and a zebra crossing. */
export function paintGround(on: Canvas, rng: Rng, view: Perspective): void {
  const grass = noise(rng, 4);
  const patches = noise(rng, 2);
  paint(on, band(view.horizon, 1.1), (x, y) => {
    const depth = 1 / Math.max(0.05, y - view.horizon);
    // Far blades are too fine to be seen one by one.
    const blade = mix(
      0.45,
      grass((x - view.x) * depth * 9, depth * 6),
      smoothstep(0, 0.12, y - view.horizon),
    );
    return {
      reflectance: 0.16 + 0.6 * blade * (0.6 + 0.8 * patches(3 * x, 8 * y)),
      heat: 0.28 + 0.2 * (patches(3 * x, 8 * y) - 0.5) + 0.06 * blade,
    };
  });
  paintRoad(on, rng, view);
}

function paintRoad(on: Canvas, rng: Rng, view: Perspective): void {
  const asphalt = noise(rng, 3);
  const wear = noise(rng, 2);
  const half = between(rng, 0.75, 1);
  const crossing = between(rng, 2, 3.2); // how far away, as 1 / (y - horizon)
  const edge = (side: number, y: number) => view.x + (side * half * (y - view.horizon)) / (1 - view.horizon);
  const road = convex([
    [view.x - 0.004, view.horizon],
    [view.x + 0.004, view.horizon],
    [edge(1, 1.02), 1.02],
    [edge(-1, 1.02), 1.02],
  ]);
  paint(on, road, (x, y) => {
    const depth = 1 / Math.max(0.02, y - view.horizon);
    const across = ((x - view.x) * depth * (1 - view.horizon)) / half; // -1 and 1 at the kerbs
    const kerb = Math.abs(across) > 0.93;
    const lane = Math.abs(across) < 0.025 && (depth * 1.1) % 1 < 0.55;
    const zebra = Math.abs(depth - crossing) < 0.12 * crossing && (across * 4.5 + 20) % 1 < 0.5;
    const grain = asphalt(90 * x, 90 * y) - 0.5;
    const worn = wear(across * 4, depth * 2) - 0.5;
    const painted = lane || (zebra && Math.abs(across) < 0.85);
    return {
      reflectance: (painted ? 0.85 : kerb ? 0.62 : 0.36) + 0.14 * grain + 0.1 * worn,
      heat: 0.46 + 0.06 * worn - (kerb ? 0.06 : 0) - (painted ? 0.02 : 0),
    };
  });
}

/** The label of a person's pixels. */
export const PERSON = 1;
/** The label of a car's pixels. */
export const CAR = 2;

/** A standing or walking person, `size` tall: warm in the infrared, plainly dressed in the visible. */
export function paintPerson(on: Canvas, rng: Rng, x: number, ground: number, size: number): void {
  const folds = noise(rng, 3);
  const stride = between(rng, 0.02, 0.11) * size;
  const swing = between(rng, -0.08, 0.08) * size;
  const up = (part: number) => ground - part * size;
  const cloth = (tone: number, heat: number) => (px: number, py: number) => {
    const fold = folds((30 * px) / size, (22 * py) / size) - 0.5;
    return { reflectance: tone * (1 + 0.9 * fold), heat: heat + 0.05 * fold };
  };
  paint(on, ellipse(x, ground, 0.2 * size, 0.025 * size), { reflectance: 0.1, heat: 0.42 });
  const leg = (side: number) =>
    union(
      stroke(
        x + side * 0.04 * size,
        up(0.5),
        x + side * (0.04 * size + 0.4 * stride),
        up(0.27),
        0.055 * size,
      ),
      stroke(
        x + side * (0.04 * size + 0.4 * stride),
        up(0.27),
        x + side * (0.04 * size + stride),
        up(0.03),
        0.04 * size,
      ),
    );
  paint(on, union(leg(-1), leg(1)), cloth(between(rng, 0.05, 0.25), 0.78), PERSON);
  const torso = union(
    stroke(x - 0.045 * size, up(0.77), x - 0.03 * size, up(0.5), 0.07 * size),
    stroke(x + 0.045 * size, up(0.77), x + 0.03 * size, up(0.5), 0.07 * size),
  );
  const arm = (side: number) =>
    union(
      stroke(x + side * 0.11 * size, up(0.78), x + side * 0.14 * size + 0.5 * swing, up(0.6), 0.035 * size),
      stroke(
        x + side * 0.14 * size + 0.5 * swing,
        up(0.6),
        x + side * 0.13 * size + swing,
        up(0.46),
        0.03 * size,
      ),
    );
  paint(on, union(torso, arm(-1), arm(1)), cloth(between(rng, 0.06, 0.4), 0.84), PERSON);
  for (const side of [-1, 1]) {
    const hand = ellipse(x + side * 0.13 * size + swing, up(0.44), 0.03 * size, 0.032 * size);
    paint(on, hand, { reflectance: 0.5, heat: 0.94 }, PERSON);
  }
  paint(on, stroke(x, up(0.86), x, up(0.82), 0.035 * size), { reflectance: 0.42, heat: 0.96 }, PERSON);
  paint(
    on,
    ellipse(x, up(0.925), 0.058 * size, 0.072 * size),
    (_, py) => {
      const hair = smoothstep(up(0.935), up(0.955), py);
      return { reflectance: mix(0.5, 0.08, hair), heat: mix(0.99, 0.88, hair) };
    },
    PERSON,
  );
}

/** A car seen from the front or from behind, `size` wide; its lights glow at night. */
export function paintCar(
  on: Canvas,
  rng: Rng,
  x: number,
  ground: number,
  size: number,
  night: boolean,
): void {
  const paintTone = between(rng, 0.15, 0.85);
  const front = rng.uniform() < 0.5;
  const at = (u: number, v: number): readonly [number, number] => [x + u * size, ground - v * size];
  const panel = (left: number, top: number, right: number, bottom: number, round: number) =>
    box([...at(left, top), ...at(right, bottom)], round * size);
  paint(on, ellipse(x, ground, 0.56 * size, 0.05 * size), { reflectance: 0.05, heat: 0.5 });
  for (const side of [-1, 1]) {
    const wheel = panel(0.38 * side - 0.08, 0.22, 0.38 * side + 0.08, 0, 0.03);
    paint(on, wheel, { reflectance: 0.06, heat: 0.8 }, CAR);
  }
  paint(
    on,
    convex([at(-0.34, 0.72), at(0.34, 0.72), at(0.45, 0.42), at(-0.45, 0.42)]),
    { reflectance: paintTone, heat: 0.52 },
    CAR,
  );
  paint(
    on,
    convex([at(-0.29, 0.68), at(0.29, 0.68), at(0.37, 0.44), at(-0.37, 0.44)]),
    (px, py) => ({
      reflectance:
        0.08 + 0.5 * smoothstep(0.06, 0, Math.abs((px - x) / size - 0.15 + (py - ground) / size + 0.5)),
      heat: 0.36,
    }),
    CAR,
  );
  paint(
    on,
    panel(-0.5, 0.47, 0.5, 0.1, 0.07),
    (px, py) => {
      const v = (ground - py) / size;
      const crease = Math.abs(v - 0.33) < 0.012 ? 0.7 : 1;
      // The bonnet is warm in front; behind, the warmth sits low, at the exhaust.
      const warm = front ? smoothstep(0.5, 0, Math.abs((px - x) / size)) : smoothstep(0.35, 0.1, v);
      return {
        reflectance: paintTone * crease * mix(0.7, 1.1, smoothstep(0.1, 0.47, v)),
        heat: 0.5 + 0.42 * warm,
      };
    },
    CAR,
  );
  paint(
    on,
    panel(-0.2, 0.25, 0.2, 0.16, 0.01),
    { reflectance: front ? 0.1 : 0.85, heat: front ? 0.95 : 0.6 },
    CAR,
  );
  for (const side of [-1, 1]) {
    const lamp = panel(0.38 * side - 0.08, 0.4, 0.38 * side + 0.08, 0.31, 0.03);
    const glow = night ? (front ? 1.6 : 0.7) : 0;
    paint(on, lamp, { reflectance: front ? 0.9 : 0.35, heat: front ? 0.7 : 0.55, glow }, CAR);
  }
}

/** A street lamp; its head is at the returned point. */
export function paintLamp(
  on: Canvas,
  x: number,
  ground: number,
  size: number,
  lit: boolean,
): readonly [number, number] {
  const reach = 0.16 * size * (x > on.width / on.height / 2 ? -1 : 1);
  const pole = union(
    stroke(x, ground, x, ground - size, 0.011 * size),
    stroke(x, ground - size, x + reach, ground - 1.03 * size, 0.01 * size),
  );
  paint(on, pole, { reflectance: 0.35, heat: 0.4 });
  const head = ellipse(x + reach, ground - 1.02 * size, 0.045 * size, 0.018 * size);
  paint(on, head, { reflectance: 0.6, heat: lit ? 0.8 : 0.4, glow: lit ? 2 : 0 });
  return [x + reach, ground - 1.02 * size];
}

/** A round road sign with a sign on it: plain to the eye, hardly there in the infrared. */
export function paintSign(on: Canvas, rng: Rng, x: number, ground: number, size: number): void {
  const y = ground - 0.85 * size;
  const radius = 0.17 * size;
  paint(on, stroke(x, ground, x, y, 0.02 * size), { reflectance: 0.5, heat: 0.37 });
  paint(on, ellipse(x, y, radius, radius), { reflectance: 0.3, heat: 0.36 });
  paint(on, ellipse(x, y, 0.78 * radius, 0.78 * radius), { reflectance: 0.95, heat: 0.35 });
  const tilt = between(rng, -0.5, 0.5) * radius;
  paint(on, stroke(x - tilt, y - 0.4 * radius, x + tilt, y + 0.4 * radius, 0.14 * radius), {
    reflectance: 0.08,
    heat: 0.36,
  });
}
