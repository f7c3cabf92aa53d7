import type { Rng } from '@refusion/core';
import { type Brush, brush, type Canvas, canvas } from './canvas.js';
import { noise } from './noise.js';
import { band, box, ellipse } from './outline.js';
import { between, smoothstep } from './scalar.js';
import { drawThing } from './things.js';

/** The depth of the far things; the table runs from 1, at the wall, to 0, at the picture's lower edge. */
export const FAR = 0.85;
/** The depth of the near things. */
export const NEAR = 0.1;

/** A table in front of a wall, in layers: each hides the ones before it. */
export interface Tabletop {
  /** The table, the wall, and the shadows on the table. */
  readonly table: Canvas;
  /** The depth of each row of the table's layer. */
  readonly depth: Float32Array;
  readonly far: Canvas;
  readonly near: Canvas;
}

/** Things on a table in two rows, a far and a near one. */
export function tabletop(height: number, width: number, rng: Rng): Tabletop {
  const wide = width / height;
  const edge = between(rng, 0.45, 0.6); // where the table meets the wall
  const depth = (_: unknown, row: number) => Math.min(1, (1 - (row + 0.5) / height) / (1 - edge));
  const [table, far, near] = [canvas(height, width), canvas(height, width), canvas(height, width)];
  drawWall(brush(table), rng, edge, wide);
  drawBoards(brush(table), rng, edge, wide / 2);
  const put = (layer: Canvas, x: number, thingDepth: number, size: number) => {
    const y = edge + (1 - thingDepth) * (1 - edge) + between(rng, -0.01, 0.02);
    brush(table, { x, y, size })(ellipse(0, 0, 0.38, 0.05), { reflectance: 0.1 }); // its shadow
    drawThing(brush(layer, { x, y, size }), rng);
  };
  for (let x = between(rng, 0.05, 0.25); x < wide; x += between(rng, 0.3, 0.5)) {
    put(far, x, FAR, between(rng, 0.26, 0.4));
  }
  const count = 1 + rng.integer(Math.max(1, Math.round(wide / 0.6)));
  for (let i = 0; i < count; i++) {
    put(near, (wide * (i + between(rng, 0.3, 0.7))) / count, NEAR, between(rng, 0.45, 0.65));
  }
  return { table, depth: Float32Array.from({ length: height }, depth), far, near };
}

/** A papered wall with a framed picture. */
function drawWall(draw: Brush, rng: Rng, edge: number, wide: number): void {
  const plaster = noise(rng, 4);
  const tone = between(rng, 0.45, 0.75);
  const stripe = between(rng, 0.04, 0.09);
  const pitch = (2 * Math.PI) / stripe;
  draw(band(-1, edge), (x, y) => {
    const pattern = (x / stripe) % 1 < 0.5 ? 0.06 : -0.06;
    const dot = Math.sin(pitch * x) * Math.sin(pitch * y) > 0.6 ? 0.12 : 0;
    return { reflectance: tone + pattern + dot + 0.25 * (plaster(14 * x, 14 * y) - 0.5) };
  });
  const picture = noise(rng, 5);
  const left = between(rng, 0.1, Math.max(0.1, wide - 0.4));
  draw(box([left, 0.05, left + 0.3, 0.27]), { reflectance: 0.15 });
  draw(box([left + 0.02, 0.07, left + 0.28, 0.25]), { reflectance: 0.95 });
  draw(box([left + 0.04, 0.09, left + 0.26, 0.23]), (x, y) => ({
    reflectance: smoothstep(0.25, 0.75, picture(18 * x, 24 * y)),
  }));
}

/** Wooden boards that run towards the wall. */
function drawBoards(draw: Brush, rng: Rng, edge: number, middle: number): void {
  const grain = noise(rng, 4);
  const boards = noise(rng);
  const tone = between(rng, 0.4, 0.65);
  draw(band(edge, 1.1), (x, y) => {
    const nearness = 1 / (y - edge + 0.35);
    const across = (x - middle) * nearness * 3.2;
    const board = Math.floor(across);
    const gap = across - board < 0.03 ? 0.35 : 1;
    const fibre = grain(across * 14, nearness * 5 + 31 * board) - 0.5;
    return { reflectance: gap * (tone + 0.18 * (boards(board, 0) - 0.5) + 0.45 * fibre) };
  });
}
