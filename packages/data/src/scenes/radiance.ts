import type { Rng } from '@refusion/core';
import { type Canvas, canvas, paint } from './canvas.js';
import { paintBuilding, paintHills, paintSky, paintTree } from './landscape.js';
import { noise } from './noise.js';
import { type Bounds, band, box, ellipse, stroke } from './outline.js';
import { between, mix, smoothstep } from './scalar.js';
import { paintGround } from './street.js';
import { THINGS } from './things.js';

/** A scene of high dynamic range: what is there, and how brightly it is lit. Maps of `height x width` values. */
export interface Radiance {
  /** Display values, 0 to 1. */
  readonly reflectance: Float32Array;
  /** Linear, above 0; 1 is broad daylight. */
  readonly light: Float32Array;
  /** 1 where the scene is bright (sky, outdoors, lit windows), 0 where it is dark. */
  readonly bright: Float32Array;
}

/** A landscape against a low sun: the sky is bright, the ground lies in shadow. */
export function againstTheSun(height: number, width: number, rng: Rng): Radiance {
  const on = canvas(height, width);
  const wide = width / height;
  const horizon = between(rng, 0.45, 0.6);
  const sun = [wide * between(rng, 0.2, 0.8), horizon - between(rng, 0.05, 0.25)] as const;
  paintSky(on, rng, { top: 0.45, bottom: 0.85 }, horizon);
  paintHills(on, rng, horizon, between(rng, 0.1, 0.25), 0.4);
  paintGround(on, rng, { x: wide * between(rng, 0.3, 0.7), horizon });
  const left = between(rng, -0.1, 0.7) * wide;
  paintBuilding(on, rng, { left, right: left + 0.5, top: horizon - 0.3, ground: horizon + 0.12 }, true);
  for (let i = 0; i < 3; i++)
    paintTree(on, rng, wide * rng.uniform(), horizon + between(rng, 0.1, 0.3), between(rng, 0.4, 0.7));
  const shadow = between(rng, 0.008, 0.03);
  const bright = on.glow.map((glow, i) => glow / Math.max(1e-3, glow + (on.reflectance[i] as number)));
  const light = bright.map((part, i) => {
    const dx = ((i % width) + 0.5) / height - sun[0];
    const dy = (Math.floor(i / width) + 0.5) / height - sun[1];
    const near = Math.exp(-(dx * dx + dy * dy) / 0.02);
    return mix(shadow * (1 + 3 * near), 0.8 + 2 * near, part);
  });
  return {
    reflectance: on.reflectance.map((r, i) => Math.min(1, r + (on.glow[i] as number))),
    light,
    bright,
  };
}

/** A dim room with a window into daylight. */
export function roomWithWindow(height: number, width: number, rng: Rng): Radiance {
  const wide = width / height;
  const left = between(rng, 0.08, 0.4) * wide;
  const top = between(rng, 0.07, 0.15);
  const pane: Bounds = [left, top, left + between(rng, 0.4, 0.5) * wide, between(rng, 0.5, 0.58)];
  const view = paintView(height, width, rng, pane);
  const room = paintRoom(height, width, rng, pane);
  const dim = between(rng, 0.008, 0.02);
  const middle = (pane[0] + pane[2]) / 2;
  const bright = room.cover.map((cover) => 1 - cover);
  const light = bright.map((part, i) => {
    const x = ((i % width) + 0.5) / height - middle;
    const y = (Math.floor(i / width) + 0.5) / height - pane[3] - 0.15;
    // Daylight falls through the window onto the table.
    const indoors = dim * (1 + 5 * Math.exp(-((x / 0.45) ** 2) - (y / 0.25) ** 2));
    return mix(indoors, 1, part);
  });
  const reflectance = room.reflectance.map((r, i) => {
    const outside = Math.min(1, (view.reflectance[i] as number) + (view.glow[i] as number));
    return Math.min(1, r + (bright[i] as number) * outside);
  });
  return { reflectance, light, bright };
}

function paintView(height: number, width: number, rng: Rng, [left, top, right, bottom]: Bounds): Canvas {
  const on = canvas(height, width);
  const horizon = mix(top, bottom, between(rng, 0.55, 0.75));
  paintSky(on, rng, { top: 0.7, bottom: 0.95 }, horizon);
  paintHills(on, rng, horizon, 0.12, 0.5);
  paintGround(on, rng, { x: (left + right) / 2, horizon });
  const house = mix(left, right, between(rng, 0, 0.6));
  paintBuilding(
    on,
    rng,
    { left: house, right: house + 0.25, top: horizon - 0.16, ground: horizon + 0.03 },
    false,
  );
  for (let i = 0; i < 2; i++)
    paintTree(on, rng, mix(left, right, rng.uniform()), horizon + 0.05, between(rng, 0.2, 0.35));
  return on;
}

function paintRoom(height: number, width: number, rng: Rng, pane: Bounds): Canvas {
  const on = canvas(height, width);
  const wide = width / height;
  const [left, top, right, bottom] = pane;
  const edge = between(rng, bottom + 0.1, bottom + 0.18);
  paintInnerWall(on, rng, pane, edge);
  for (const x of [left, (left + right) / 2, right]) {
    paint(on, box([x - 0.014, top, x + 0.014, bottom]), { reflectance: 0.75 });
  }
  paint(on, box([left - 0.03, bottom - 0.01, right + 0.03, bottom + 0.025]), { reflectance: 0.85 });
  const grain = noise(rng, 4);
  paint(on, band(edge, 1.1), (x, y) => ({ reflectance: 0.35 + 0.4 * grain(5 * x, 60 * y) }));
  for (let x = between(rng, 0.05, 0.25); x < wide; x += between(rng, 0.28, 0.45)) {
    const ground = edge + between(rng, 0.08, 0.2);
    const size = between(rng, 0.22, 0.36);
    paint(on, ellipse(x, ground, 0.38 * size, 0.05 * size), { reflectance: 0.1 });
    THINGS[rng.integer(THINGS.length)]?.(on, rng, x, ground, size);
  }
  return on;
}

/** A papered wall around the window, and curtains at its sides. */
function paintInnerWall(on: Canvas, rng: Rng, pane: Bounds, edge: number): void {
  const plaster = noise(rng, 4);
  const tone = between(rng, 0.5, 0.75);
  const stripe = between(rng, 0.05, 0.1);
  const hole = box(pane);
  const wall = band(-1, edge + 0.02); // the table covers its lower end
  paint(on, { ...wall, distance: (x, y) => Math.max(wall.distance(x, y), -hole.distance(x, y)) }, (x, y) => {
    const ornament =
      Math.sin((2 * Math.PI * x) / stripe) * Math.cos((2 * Math.PI * y) / stripe) > 0.35 ? -0.12 : 0;
    return { reflectance: tone + ornament + 0.25 * (plaster(12 * x, 12 * y) - 0.5) };
  });
  for (const x of [pane[0], pane[2]]) {
    paint(on, box([x - 0.07, pane[1] - 0.03, x + 0.05, pane[3] + 0.08], 0.01), (px, py) => {
      const fold = Math.sin(130 * (px - x) + 2 * Math.sin(6 * py));
      return { reflectance: 0.5 + 0.2 * fold };
    });
  }
  paint(on, stroke(pane[0] - 0.12, pane[1] - 0.03, pane[2] + 0.12, pane[1] - 0.03, 0.009), {
    reflectance: smoothstep(0, 1, tone),
  });
}
