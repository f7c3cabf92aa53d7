import type { Rng } from '@refusion/core';
import type { Brush } from './canvas.js';
import { noise } from './noise.js';
import { type Bounds, box, convex, ellipse, frayed, type Outline, stroke, union } from './outline.js';
import { between, mix, smoothstep } from './scalar.js';

/** Draws a thing that stands on the origin and is about 1 high. */
type Thing = (draw: Brush, rng: Rng) => void;

const THINGS: readonly Thing[] = [drawPackage, drawBall, drawMug, drawPlant, drawClock, drawBooks];

/** Draws a random household thing with fine, high-contrast patterns, standing on the origin and about 1 high. */
export function drawThing(draw: Brush, rng: Rng): void {
  THINGS[rng.integer(THINGS.length)]?.(draw, rng);
}

/** A carton: a striped or chequered front with a printed label. */
function drawPackage(draw: Brush, rng: Rng): void {
  const half = between(rng, 0.28, 0.42);
  const [dark, light] = [between(rng, 0.1, 0.3), between(rng, 0.6, 0.9)];
  const period = between(rng, 0.1, 0.16);
  const chequered = rng.uniform() < 0.5;
  draw(box([-half, -1, half, 0], 0.02), (x, y) => {
    const column = chequered ? Math.floor(x / period) : 0;
    const odd = (column + Math.floor(y / period)) % 2 !== 0;
    const turned = smoothstep(0.5 * half, half, x); // away from the light
    return { reflectance: (odd ? dark : light) * mix(1, 0.7, turned) };
  });
  const label: Bounds = [-0.75 * half, -0.85, 0.75 * half, -0.3];
  draw(box(label, 0.03), { reflectance: 0.9 });
  drawPrint(draw, rng, label, 0.075);
}

/** Lines of words, as they look from too far away to read. */
function drawPrint(draw: Brush, rng: Rng, [left, top, right, bottom]: Bounds, line: number): void {
  const margin = 0.06 * (right - left);
  for (let y = top + line; y < bottom - 0.4 * line; y += line) {
    let x = left + margin;
    while (x < right - margin) {
      const end = Math.min(right - margin, x + between(rng, 0.4, 1.6) * line);
      draw(box([x, y - 0.24 * line, end, y + 0.24 * line]), { reflectance: 0.15 });
      x = end + 0.35 * line;
    }
  }
}

/** A ball with stripes. */
function drawBall(draw: Brush, rng: Rng): void {
  const radius = 0.36;
  const turn = between(rng, 0, Math.PI);
  const [dark, light] = [between(rng, 0.15, 0.35), between(rng, 0.7, 0.95)];
  draw(ellipse(0, -radius, radius, radius), (x, y) => {
    const u = x / radius;
    const v = y / radius + 1;
    const depth = Math.sqrt(Math.max(0, 1 - u * u - v * v));
    const along = Math.atan2(u * Math.cos(turn) + v * Math.sin(turn), depth);
    const shade = Math.max(0.25, 0.55 * depth - 0.4 * u - 0.5 * v);
    const gleam = smoothstep(0.3, 0, Math.sqrt((u + 0.4) ** 2 + (v + 0.45) ** 2));
    return { reflectance: Math.min(1, (Math.sin(9 * along) > 0 ? dark : light) * shade + 0.4 * gleam) };
  });
}

/** A mug with a zigzag band. */
function drawMug(draw: Brush, rng: Rng): void {
  const half = 0.26;
  const tone = between(rng, 0.4, 0.9);
  const side = rng.uniform() < 0.5 ? -1 : 1;
  const loop = ellipse(side * half, -0.32, 0.15, 0.18);
  const handle: Outline = { ...loop, distance: (x, y) => Math.abs(loop.distance(x, y) + 0.03) - 0.03 };
  draw(handle, { reflectance: 0.7 * tone });
  draw(box([-half, -0.62, half, 0], 0.06), (x, y) => {
    const phase = ((x / 0.16 + 40) % 1) - 0.5;
    const zigzag = Math.abs(y + 0.3 + 0.3 * Math.abs(phase)) < 0.035;
    const round = 0.55 + 0.45 * Math.sqrt(Math.max(0, 1 - ((x + 0.3 * half) / (1.4 * half)) ** 2));
    return { reflectance: (zigzag ? 0.25 : 1) * tone * round };
  });
  draw(ellipse(0, -0.6, half, 0.06), { reflectance: 0.35 * tone });
}

/** A pot plant. */
function drawPlant(draw: Brush, rng: Rng): void {
  const leaves = noise(rng, 4);
  const bush = union(
    ellipse(0, -0.68, 0.2, 0.24),
    ellipse(-0.16, -0.52, 0.16, 0.14),
    ellipse(0.16, -0.54, 0.16, 0.15),
  );
  draw(
    frayed(bush, 0.2, (x, y) => leaves(16 * x, 16 * y) - 0.5),
    (x, y) => {
      const leaf = leaves(20 * x + 9, 20 * y);
      return { reflectance: smoothstep(0.25, 0.75, leaf) * mix(0.75, 0.35, smoothstep(-0.9, -0.4, y)) };
    },
  );
  const pot = convex([
    [-0.2, -0.36],
    [0.2, -0.36],
    [0.14, 0],
    [-0.14, 0],
  ]);
  const tone = between(rng, 0.4, 0.7);
  draw(pot, (x) => ({ reflectance: tone * mix(1.1, 0.55, smoothstep(-0.1, 0.2, x)) }));
}

/** A clock with twelve marks. */
function drawClock(draw: Brush, rng: Rng): void {
  const radius = 0.36;
  draw(ellipse(0, -radius, radius, radius), { reflectance: between(rng, 0.1, 0.4) });
  draw(ellipse(0, -radius, 0.86 * radius, 0.86 * radius), { reflectance: 0.92 });
  const spoke = (angle: number, from: number, to: number, thick: number) => {
    const [dx, dy] = [radius * Math.sin(angle), -radius * Math.cos(angle)];
    const line = stroke(from * dx, from * dy - radius, to * dx, to * dy - radius, thick * radius);
    draw(line, { reflectance: 0.08 });
  };
  for (let hour = 0; hour < 12; hour++)
    spoke((hour * Math.PI) / 6, 0.68, 0.78, hour % 3 === 0 ? 0.05 : 0.025);
  spoke(between(rng, 0, 2 * Math.PI), -0.1, 0.45, 0.045);
  spoke(between(rng, 0, 2 * Math.PI), -0.1, 0.66, 0.03);
}

/** A row of books. */
function drawBooks(draw: Brush, rng: Rng): void {
  for (let left = -0.45; left < 0.35; ) {
    const right = left + between(rng, 0.07, 0.15);
    drawBook(draw, rng, [left, -between(rng, 0.65, 0.95), right, 0]);
    left = right + 0.006;
  }
}

/** The back of a book, with bands and a title. */
function drawBook(draw: Brush, rng: Rng, [left, top, right, bottom]: Bounds): void {
  const tone = between(rng, 0.12, 0.85);
  const ink = { reflectance: tone > 0.45 ? 0.1 : 0.85 };
  const [width, height] = [right - left, bottom - top];
  const strip = (inset: number, from: number, to: number) =>
    draw(box([left + inset * width, top + from * height, right - inset * width, top + to * height]), ink);
  draw(box([left, top, right, bottom], 0.1 * width), (x) => ({
    reflectance: tone * mix(0.75, 1.05, smoothstep(left, right, x)),
  }));
  strip(0, 0.1, 0.13);
  strip(0, 0.85, 0.88);
  const end = between(rng, 0.45, 0.75);
  for (let from = 0.22; from < end; from += 0.06) strip(between(rng, 0.2, 0.4), from, from + 0.03);
}
