import type { Rng } from '@refusion/core';
import { type Canvas, type Material, paint } from './canvas.js';
import { noise } from './noise.js';
import { box, convex, ellipse, frayed, type Outline, stroke, union } from './outline.js';
import { between, mix, smoothstep } from './scalar.js';

/** Paints a thing that stands at `x` on the ground line `ground`; `size` is its height. */
export type Thing = (on: Canvas, rng: Rng, x: number, ground: number, size: number) => void;

/** Household things with fine, high-contrast patterns. */
export const THINGS: readonly Thing[] = [
  paintPackage,
  paintBall,
  paintMug,
  paintPlant,
  paintClock,
  paintBooks,
];

/** A carton: a striped or chequered front with lines of print. */
function paintPackage(on: Canvas, rng: Rng, x: number, ground: number, size: number): void {
  const half = between(rng, 0.28, 0.42) * size;
  const [dark, light] = [between(rng, 0.1, 0.3), between(rng, 0.6, 0.9)];
  const period = between(rng, 0.1, 0.16) * size;
  const chequered = rng.uniform() < 0.5;
  paint(on, box([x - half, ground - size, x + half, ground], 0.02 * size), (px, py) => {
    const column = Math.floor((px - x + 40 * period) / period);
    const row = Math.floor((ground - py) / period);
    const odd = (chequered ? column + row : row) % 2 === 1;
    // The right side turns away from the light.
    return { reflectance: (odd ? dark : light) * mix(1, 0.7, smoothstep(0.5 * half, half, px - x)) };
  });
  const label = {
    left: x - 0.75 * half,
    top: ground - 0.85 * size,
    right: x + 0.75 * half,
    bottom: ground - 0.3 * size,
  };
  paint(on, box([label.left, label.top, label.right, label.bottom], 0.03 * size), { reflectance: 0.9 });
  paintPrint(on, rng, label, 0.075 * size);
}

/** Lines of words, as they look from too far away to read. */
function paintPrint(
  on: Canvas,
  rng: Rng,
  { left, top, right, bottom }: { left: number; top: number; right: number; bottom: number },
  line: number,
): void {
  const margin = 0.06 * (right - left);
  for (let y = top + line; y < bottom - 0.4 * line; y += line) {
    let x = left + margin;
    while (x < right - margin) {
      const end = Math.min(right - margin, x + between(rng, 0.4, 1.6) * line);
      paint(on, box([x, y - 0.24 * line, end, y + 0.24 * line]), { reflectance: 0.15 });
      x = end + 0.35 * line;
    }
  }
}

/** A ball with stripes. */
function paintBall(on: Canvas, rng: Rng, x: number, ground: number, size: number): void {
  const radius = 0.36 * size;
  const y = ground - radius;
  const turn = between(rng, 0, Math.PI);
  const [dark, light] = [between(rng, 0.15, 0.35), between(rng, 0.7, 0.95)];
  paint(on, ellipse(x, y, radius, radius), (px, py) => {
    const u = (px - x) / radius;
    const v = (py - y) / radius;
    const depth = Math.sqrt(Math.max(0, 1 - u * u - v * v));
    const along = Math.atan2(u * Math.cos(turn) + v * Math.sin(turn), depth);
    const shade = Math.max(0.25, 0.55 * depth - 0.4 * u - 0.5 * v);
    const gleam = smoothstep(0.3, 0, Math.sqrt((u + 0.4) ** 2 + (v + 0.45) ** 2));
    return { reflectance: Math.min(1, (Math.sin(9 * along) > 0 ? dark : light) * shade + 0.4 * gleam) };
  });
}

/** A mug with a zigzag band. */
function paintMug(on: Canvas, rng: Rng, x: number, ground: number, size: number): void {
  const [half, top] = [0.26 * size, ground - 0.62 * size];
  const tone = between(rng, 0.4, 0.9);
  const side = rng.uniform() < 0.5 ? -1 : 1;
  const round = (px: number) =>
    0.55 + 0.45 * Math.sqrt(Math.max(0, 1 - ((px - x + 0.3 * half) / (1.4 * half)) ** 2));
  const handle = ellipse(x + side * half, ground - 0.32 * size, 0.15 * size, 0.18 * size);
  const ring: Outline = {
    ...handle,
    distance: (px, py) => Math.abs(handle.distance(px, py) + 0.03 * size) - 0.03 * size,
  };
  paint(on, ring, { reflectance: 0.7 * tone });
  paint(on, box([x - half, top, x + half, ground], 0.06 * size), (px, py) => {
    const phase = (((px - x) / (0.16 * size) + 40) % 1) - 0.5;
    const zigzag = Math.abs((ground - py) / size - 0.3 - 0.3 * Math.abs(phase)) < 0.035;
    return { reflectance: (zigzag ? 0.25 : 1) * tone * round(px) };
  });
  paint(on, ellipse(x, top + 0.02 * size, half, 0.06 * size), { reflectance: 0.35 * tone });
}

/** A pot plant. */
function paintPlant(on: Canvas, rng: Rng, x: number, ground: number, size: number): void {
  const leaves = noise(rng, 4);
  const bush = union(
    ellipse(x, ground - 0.68 * size, 0.2 * size, 0.24 * size),
    ellipse(x - 0.16 * size, ground - 0.52 * size, 0.16 * size, 0.14 * size),
    ellipse(x + 0.16 * size, ground - 0.54 * size, 0.16 * size, 0.15 * size),
  );
  const crown = frayed(bush, 0.2 * size, (px, py) => leaves((16 * px) / size, (16 * py) / size) - 0.5);
  paint(on, crown, (px, py) => {
    const leaf = leaves((20 * px) / size + 9, (20 * py) / size);
    return {
      reflectance:
        smoothstep(0.25, 0.75, leaf) * mix(0.75, 0.35, smoothstep(-0.9, -0.4, (py - ground) / size)),
    };
  });
  const at = (u: number, v: number): readonly [number, number] => [x + u * size, ground - v * size];
  const pot = convex([at(-0.2, 0.36), at(0.2, 0.36), at(0.14, 0), at(-0.14, 0)]);
  const tone = between(rng, 0.4, 0.7);
  paint(on, pot, (px) => ({ reflectance: tone * mix(1.1, 0.55, smoothstep(-0.1, 0.2, (px - x) / size)) }));
}

/** A clock with twelve marks. */
function paintClock(on: Canvas, rng: Rng, x: number, ground: number, size: number): void {
  const radius = 0.36 * size;
  const y = ground - radius;
  paint(on, ellipse(x, y, radius, radius), { reflectance: between(rng, 0.1, 0.4) });
  paint(on, ellipse(x, y, 0.86 * radius, 0.86 * radius), { reflectance: 0.92 });
  const spoke = (angle: number, from: number, to: number, thick: number) => {
    const [dx, dy] = [radius * Math.sin(angle), -radius * Math.cos(angle)];
    paint(on, stroke(x + from * dx, y + from * dy, x + to * dx, y + to * dy, thick * radius), {
      reflectance: 0.08,
    });
  };
  for (let hour = 0; hour < 12; hour++)
    spoke((hour * Math.PI) / 6, 0.68, 0.78, hour % 3 === 0 ? 0.05 : 0.025);
  spoke(between(rng, 0, 2 * Math.PI), -0.1, 0.45, 0.045);
  spoke(between(rng, 0, 2 * Math.PI), -0.1, 0.66, 0.03);
}

/** A row of books, with bands and titles on their backs. */
function paintBooks(on: Canvas, rng: Rng, x: number, ground: number, size: number): void {
  for (let left = x - 0.45 * size; left < x + 0.35 * size; ) {
    const width = between(rng, 0.07, 0.15) * size;
    paintBook(on, rng, [left, ground - between(rng, 0.65, 0.95) * size, left + width, ground]);
    left += width + 0.006 * size;
  }
}

function paintBook(
  on: Canvas,
  rng: Rng,
  [left, top, right, bottom]: readonly [number, number, number, number],
): void {
  const tone = between(rng, 0.12, 0.85);
  const ink = tone > 0.45 ? 0.1 : 0.85;
  const [width, height] = [right - left, bottom - top];
  const back = (px: number): Material => ({
    reflectance: tone * (0.75 + Math.sqrt(Math.max(0, (px - left) / width) * 0.1)),
  });
  paint(on, box([left, top, right, bottom], 0.1 * width), back);
  for (const part of [0.1, 0.85]) {
    paint(on, box([left, top + part * height, right, top + (part + 0.03) * height]), { reflectance: ink });
  }
  for (let part = 0.22; part < between(rng, 0.45, 0.75); part += 0.06) {
    const inset = between(rng, 0.2, 0.4) * width;
    paint(on, box([left + inset, top + part * height, right - inset, top + (part + 0.03) * height]), {
      reflectance: ink,
    });
  }
}
