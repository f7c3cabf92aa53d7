import type { Rng } from '@refusion/core';
import type { Brush } from './canvas.js';
import { noise } from './noise.js';
import { band, below, ellipse, frayed, stroke, union } from './outline.js';
import { between, mix, smoothstep } from './scalar.js';

/** The brightness of a sky at its top and at the horizon. */
export interface Sky {
  readonly top: number;
  readonly bottom: number;
}

/** A sky with clouds, down to the horizon; it is cold in the infrared. */
export function drawSky(draw: Brush, rng: Rng, sky: Sky, horizon: number): void {
  const clouds = noise(rng, 4);
  const cloudiness = between(rng, 0.2, 0.9);
  draw(band(-1, horizon + 0.01), (x, y) => {
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
export function drawHills(draw: Brush, rng: Rng, horizon: number, rise: number, reflectance: number): void {
  const ridge = noise(rng, 4);
  const woods = noise(rng, 4);
  const crest = (x: number) => horizon - rise * (0.25 + 0.75 * ridge(1.7 * x, 0.5));
  draw(below(crest, horizon - rise, horizon + 0.01), (x, y) => {
    const texture = woods(26 * x, 40 * y) - 0.5;
    return { reflectance: reflectance + 0.3 * texture, heat: 0.28 + 0.14 * texture };
  });
}

/** A tree with a ragged crown. It stands at the origin and is 1 high. */
export function drawTree(draw: Brush, rng: Rng): void {
  const bark = noise(rng, 3);
  const leaves = noise(rng, 4);
  draw(stroke(0, 0, between(rng, -0.05, 0.05), -0.6, 0.03), (x, y) => ({
    reflectance: 0.1 + 0.3 * bark(40 * x, 8 * y),
    heat: 0.34,
  }));
  const clumps = Array.from({ length: 7 }, (_, i) => {
    const angle = (2 * Math.PI * i) / 6;
    const out = i === 6 ? 0 : 0.2; // the seventh fills the middle
    const radius = between(rng, 0.13, 0.19);
    return ellipse(out * Math.cos(angle), -0.68 + out * Math.sin(angle), radius, radius);
  });
  draw(
    frayed(union(...clumps), 0.12, (x, y) => leaves(14 * x, 14 * y) - 0.4),
    (x, y) => {
      const leaf = leaves(24 * x + 7, 24 * y);
      const lit = smoothstep(0.45, -0.45, y + 0.68 + 0.6 * x); // from above and from the left
      return { reflectance: (0.08 + 0.42 * lit) * (0.35 + 1.3 * leaf * leaf), heat: 0.2 + 0.3 * leaf * leaf };
    },
  );
}
