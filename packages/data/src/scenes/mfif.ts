import type { Rng } from '@refusion/core';
import { type Canvas, canvas, paint } from './canvas.js';
import { blur } from './filter.js';
import { noise } from './noise.js';
import { band, box, ellipse } from './outline.js';
import { between, mix, smoothstep } from './scalar.js';
import type { SyntheticScene } from './scene.js';
import { expose } from './sensor.js';
import { THINGS } from './things.js';

const FAR = 0.85; // the depth of the far things; the table runs from 1 (the wall) to 0 (the lower edge)
const NEAR = 0.1;
const SHARP = 0.3; // this far from the focused end nothing is blurred
const NOISE = 0.004;

/** A table in front of a wall, in layers: each hides the ones before it. */
interface Layers {
  readonly table: Canvas;
  /** The depth of each row of the table's layer. */
  readonly depth: Float32Array;
  readonly far: Canvas;
  readonly near: Canvas;
}

/**
 * Things on a table, focused on the near (a) and on the far (b) end: the blur grows with the distance from the focus,
 * and a blurred thing in front spreads over what is sharp behind it. The truth is sharp everywhere. Labels: 1 where a
 * is perfectly sharp, 2 where b is, 0 where neither is.
 */
export function mfifScene(height: number, width: number, rng: Rng): SyntheticScene {
  const layers = tabletop(height, width, rng);
  const strength = between(rng, 0.02, 0.035) * height;
  const sigma = (focus: number) => (depth: number) => strength * Math.max(0, Math.abs(depth - focus) - SHARP);
  const take = (focus: number) =>
    expose(photograph(layers, sigma(focus)), height, width, { blur: 0, noise: NOISE }, rng);
  const shape = [height, width];
  return {
    a: { data: take(0), shape },
    b: { data: take(1), shape },
    truth: { data: photograph(layers, () => 0), shape },
    labels: { data: sharpest(layers, sigma(1)(NEAR)), shape },
  };
}

function tabletop(height: number, width: number, rng: Rng): Layers {
  const edge = between(rng, 0.45, 0.6);
  const layers: Layers = {
    table: canvas(height, width),
    depth: Float32Array.from({ length: height }, (_, row) =>
      Math.min(1, (1 - (row + 0.5) / height) / (1 - edge)),
    ),
    far: canvas(height, width),
    near: canvas(height, width),
  };
  paintWall(layers.table, rng, edge);
  paintTable(layers.table, rng, edge);
  const wide = width / height;
  const place = (layer: Canvas, depth: number, x: number, size: number) => {
    const ground = edge + (1 - depth) * (1 - edge) + between(rng, -0.01, 0.02);
    paint(layers.table, ellipse(x, ground, 0.38 * size, 0.05 * size), { reflectance: 0.1 });
    THINGS[rng.integer(THINGS.length)]?.(layer, rng, x, ground, size);
  };
  for (let x = between(rng, 0.05, 0.25); x < wide; x += between(rng, 0.3, 0.5)) {
    place(layers.far, FAR, x, between(rng, 0.26, 0.4));
  }
  const count = 1 + rng.integer(Math.max(1, Math.round(wide / 0.6)));
  for (let i = 0; i < count; i++) {
    place(layers.near, NEAR, (wide * (i + between(rng, 0.3, 0.7))) / count, between(rng, 0.45, 0.65));
  }
  return layers;
}

function paintWall(on: Canvas, rng: Rng, edge: number): void {
  const plaster = noise(rng, 4);
  const tone = between(rng, 0.45, 0.75);
  const stripe = between(rng, 0.04, 0.09);
  paint(on, band(-1, edge), (x, y) => {
    const pattern = (x / stripe) % 1 < 0.5 ? 0.06 : -0.06;
    const dot = Math.sin((2 * Math.PI * x) / stripe) * Math.sin((2 * Math.PI * y) / stripe) > 0.6 ? 0.12 : 0;
    return { reflectance: tone + pattern + dot + 0.25 * (plaster(14 * x, 14 * y) - 0.5) };
  });
  const picture = noise(rng, 5);
  const left = between(rng, 0.1, on.width / on.height - 0.4);
  paint(on, box([left, 0.05, left + 0.3, 0.27]), { reflectance: 0.15 });
  paint(on, box([left + 0.02, 0.07, left + 0.28, 0.25]), { reflectance: 0.95 });
  paint(on, box([left + 0.04, 0.09, left + 0.26, 0.23]), (x, y) => ({
    reflectance: smoothstep(0.25, 0.75, picture(18 * x, 24 * y)),
  }));
}

/** Boards that run towards the wall. */
function paintTable(on: Canvas, rng: Rng, edge: number): void {
  const grain = noise(rng, 4);
  const boards = noise(rng);
  const tone = between(rng, 0.4, 0.65);
  const middle = on.width / on.height / 2;
  paint(on, band(edge, 1.1), (x, y) => {
    const depth = 1 / (y - edge + 0.35);
    const across = (x - middle) * depth * 3.2 + 60;
    const board = Math.floor(across);
    const gap = across - board < 0.03 ? 0.35 : 1;
    const fibre = grain(across * 14, depth * 5 + 31 * board) - 0.5;
    return { reflectance: gap * (tone + 0.18 * (boards(board, 0) - 0.5) + 0.45 * fibre) };
  });
}

/** The scene through a lens that blurs each depth by a Gaussian of `sigma(depth)` pixels. */
function photograph(layers: Layers, sigma: (depth: number) => number): Float32Array {
  const out = blurByRow(layers.table, layers.depth.map(sigma));
  for (const [layer, depth] of [
    [layers.far, FAR],
    [layers.near, NEAR],
  ] as const) {
    const { height, width } = layer;
    const light = blur(layer.reflectance, height, width, sigma(depth));
    const cover = blur(layer.cover, height, width, sigma(depth));
    for (let i = 0; i < out.length; i++) {
      out[i] = (out[i] as number) * (1 - (cover[i] as number)) + (light[i] as number);
    }
  }
  return out.map((value) => Math.min(1, Math.max(0, value)));
}

/** Blurs each row by its own sigma: between a few evenly blurred copies. */
function blurByRow({ reflectance, height, width }: Canvas, sigmas: Float32Array): Float32Array {
  const most = Math.max(...sigmas);
  if (most === 0) return reflectance.slice();
  const steps = 4;
  const copies = Array.from({ length: steps + 1 }, (_, i) =>
    blur(reflectance, height, width, (i / steps) * most),
  );
  return reflectance.map((_, i) => {
    const at = ((sigmas[Math.floor(i / width)] as number) / most) * steps;
    const lower = Math.min(steps - 1, Math.floor(at));
    return mix(copies[lower]?.[i] as number, copies[lower + 1]?.[i] as number, at - lower);
  });
}

/** Where a near-focused and where a far-focused picture shows the scene without any blur. */
function sharpest({ depth, far, near }: Layers, nearBlur: number): Uint8Array {
  const spread = blur(near.cover, near.height, near.width, nearBlur);
  return Uint8Array.from(near.cover, (cover, i) => {
    const d = depth[Math.floor(i / near.width)] as number;
    if (cover === 1) return 1;
    if (cover > 0) return 0;
    const behind = (far.cover[i] as number) > 0 ? FAR : d;
    if (behind <= SHARP) return 1;
    return behind >= 1 - SHARP && (spread[i] as number) < 1e-3 ? 2 : 0;
  });
}
