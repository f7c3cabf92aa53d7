import type { Rng } from '@refusion/core';
import { type Canvas, type Material, paint } from './canvas.js';
import { noise } from './noise.js';
import { band, below, box, ellipse, frayed, stroke, union } from './outline.js';
import { between, mix, smoothstep } from './scalar.js';

/** The brightness of a sky at its top and at the horizon; it is cold in the infrared. */
export interface Sky {
  readonly top: number;
  readonly bottom: number;
}

/** A sky with clouds, down to `horizon`. */
export function paintSky(on: Canvas, rng: Rng, sky: Sky, horizon: number): void {
  const clouds = noise(rng, 4);
  const cloudiness = between(rng, 0.2, 0.9);
  paint(on, band(-1, horizon + 0.01), (x, y) => {
    const cloud = smoothstep(0.45, 0.8, clouds(2.2 * x, 6 * y)) * cloudiness;
    const clear = mix(sky.top, sky.bottom, Math.min(1, y / horizon));
    return {
      reflectance: 0,
      glow: mix(clear, Math.min(1, 1.35 * sky.bottom), cloud),
      heat: 0.08 + 0.14 * cloud,
    };
  });
}

/** Wooded hills that rise up to `rise` above the horizon. */
export function paintHills(on: Canvas, rng: Rng, horizon: number, rise: number, reflectance: number): void {
  const ridge = noise(rng, 4);
  const woods = noise(rng, 4);
  paint(
    on,
    below((x) => horizon - rise * (0.25 + 0.75 * ridge(1.7 * x, 0.5)), horizon - rise, horizon + 0.01),
    (x, y) => {
      const texture = woods(26 * x, 40 * y) - 0.5;
      return { reflectance: reflectance + 0.3 * texture, heat: 0.28 + 0.14 * texture };
    },
  );
}

/** A house front with rows of windows, some lit at night. */
export function paintBuilding(
  on: Canvas,
  rng: Rng,
  place: { left: number; right: number; top: number; ground: number },
  night: boolean,
): void {
  const { left, right, top, ground } = place;
  const tone = between(rng, 0.35, 0.75);
  const warmth = between(rng, 0.34, 0.5);
  const grain = noise(rng, 3);
  const course = between(rng, 0.016, 0.024); // the height of a row of bricks
  const facade = (x: number, y: number): Material => {
    const row = Math.floor(y / course);
    const inBrick = (x / (2 * course) + 0.5 * (row % 2)) % 1;
    const joint = y / course - row < 0.18 || inBrick < 0.1 ? 0.86 : 1;
    return {
      reflectance: tone * joint * (0.75 + 0.5 * grain(30 * x, 30 * y)),
      heat: warmth + 0.12 * grain(5 * x, 5 * y),
    };
  };
  paint(on, box([left, top, right, ground]), facade);
  paint(on, box([left - 0.01, top - 0.015, right + 0.01, top + 0.012]), {
    reflectance: 0.6 * tone,
    heat: 0.3,
  });
  paintWindows(on, rng, place, night);
}

function paintWindows(
  on: Canvas,
  rng: Rng,
  { left, right, top, ground }: { left: number; right: number; top: number; ground: number },
  night: boolean,
): void {
  const columns = Math.max(1, Math.round((right - left) / 0.11));
  const rows = Math.max(1, Math.round((ground - top) / 0.13));
  const stepX = (right - left) / columns;
  const stepY = (ground - top) / rows;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const x = left + (column + 0.5) * stepX;
      const y = top + (row + 0.5) * stepY;
      const lit = night && rng.uniform() < 0.3;
      const glow = lit ? between(rng, 0.5, 0.95) : 0;
      const pane = between(rng, 0.08, 0.22);
      const [w, h] = [0.27 * stepX, 0.32 * stepY];
      paint(on, box([x - w - 0.006, y - h - 0.006, x + w + 0.006, y + h + 0.006]), {
        reflectance: 0.8,
        heat: 0.4,
      });
      paint(on, box([x - w, y - h, x + w, y + h]), (px, py) => ({
        reflectance: pane + 0.25 * smoothstep(-h, h, y - py),
        // Glass mirrors the cold sky; a heated room shows a little.
        heat: lit ? 0.42 : 0.2,
        glow: Math.abs(px - x) < 0.004 ? 0.3 * glow : glow,
      }));
    }
  }
}

/** A tree with a ragged crown; `size` is its height. */
export function paintTree(on: Canvas, rng: Rng, x: number, ground: number, size: number): void {
  const bark = noise(rng, 3);
  const leaves = noise(rng, 4);
  paint(
    on,
    stroke(x, ground, x + between(rng, -0.05, 0.05) * size, ground - 0.6 * size, 0.03 * size),
    (px, py) => ({
      reflectance: 0.1 + 0.3 * bark((40 * px) / size, (8 * py) / size),
      heat: 0.34,
    }),
  );
  const clumps = Array.from({ length: 7 }, (_, i) => {
    const angle = (2 * Math.PI * i) / 6;
    const out = i === 6 ? 0 : 0.2 * size;
    const radius = between(rng, 0.13, 0.19) * size;
    return ellipse(x + out * Math.cos(angle), ground - 0.68 * size + out * Math.sin(angle), radius, radius);
  });
  const crown = frayed(
    union(...clumps),
    0.12 * size,
    (px, py) => leaves((14 * px) / size, (14 * py) / size) - 0.4,
  );
  paint(on, crown, (px, py) => {
    const leaf = leaves((24 * px) / size + 7, (24 * py) / size);
    // Lit from above and from the left.
    const shade = smoothstep(0.45, -0.45, (py - ground + 0.68 * size + 0.6 * (px - x)) / size);
    return { reflectance: (0.08 + 0.42 * shade) * (0.35 + 1.3 * leaf * leaf), heat: 0.2 + 0.3 * leaf * leaf };
  });
}
