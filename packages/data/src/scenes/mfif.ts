import type { Rng } from '@refusion/core';
import type { Canvas } from './canvas.js';
import { blur } from './filter.js';
import { between, clamp01, mix } from './scalar.js';
import type { SyntheticScene } from './scene.js';
import { expose } from './sensor.js';
import { FAR, NEAR, type Tabletop, tabletop } from './tabletop.js';

/** This far in depth from the focus nothing is blurred. */
const SHARP = 0.3;
const SENSOR = { blur: 0, noise: 0.004 };

/**
 * Things on a table, focused on the near (a) and on the far (b) end: the blur grows with the distance from the focus,
 * and a blurred thing in front spreads over what is sharp behind it. The truth is sharp everywhere. Labels: 1 where a
 * is perfectly sharp, 2 where b is, 0 where neither is.
 */
export function mfifScene(height: number, width: number, rng: Rng): SyntheticScene {
  const scene = tabletop(height, width, rng);
  const strength = between(rng, 0.02, 0.035) * height;
  const focused = (focus: number) => (depth: number) =>
    strength * Math.max(0, Math.abs(depth - focus) - SHARP);
  const taken = (focus: number) => expose(photograph(scene, focused(focus)), height, width, SENSOR, rng);
  const shape = [height, width];
  return {
    a: { data: taken(0), shape },
    b: { data: taken(1), shape },
    truth: { data: photograph(scene, () => 0), shape },
    labels: { data: sharpest(scene, focused(1)(NEAR)), shape },
  };
}

/** The scene through a lens that blurs each depth by a Gaussian of `sigma(depth)` pixels. */
function photograph({ table, depth, far, near }: Tabletop, sigma: (depth: number) => number): Float32Array {
  const out = blurByRow(table, depth.map(sigma));
  const layers: [Canvas, number][] = [
    [far, sigma(FAR)],
    [near, sigma(NEAR)],
  ];
  for (const [layer, layerSigma] of layers) {
    const { height, width } = layer;
    const light = blur(layer.reflectance, height, width, layerSigma);
    const cover = blur(layer.cover, height, width, layerSigma);
    for (let i = 0; i < out.length; i++) {
      out[i] = (out[i] as number) * (1 - (cover[i] as number)) + (light[i] as number);
    }
  }
  return out.map(clamp01);
}

/** Blurs each row by its own sigma, interpolated between a few evenly blurred copies. */
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

/** Where a near-focused (1) and where a far-focused (2) picture shows the scene without any blur. */
function sharpest({ depth, far, near }: Tabletop, nearBlur: number): Uint8Array {
  const { height, width } = near;
  const spread = blur(near.cover, height, width, nearBlur);
  return Uint8Array.from(near.cover, (cover, i) => {
    if (cover > 0) return cover === 1 ? 1 : 0;
    const behind = (far.cover[i] as number) > 0 ? FAR : (depth[Math.floor(i / width)] as number);
    if (behind <= SHARP) return 1;
    return behind >= 1 - SHARP && (spread[i] as number) < 1e-3 ? 2 : 0;
  });
}
