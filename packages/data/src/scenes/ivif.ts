import type { Rng } from '@refusion/core';
import { drawBuilding } from './building.js';
import { brush, type Canvas, canvas, mapPixels } from './canvas.js';
import { blur } from './filter.js';
import { drawGround, type Perspective } from './ground.js';
import { STREET } from './labels.js';
import { drawHills, drawSky, type Sky } from './landscape.js';
import { noise } from './noise.js';
import type { Bounds } from './outline.js';
import { between, mix, smoothstep } from './scalar.js';
import type { SyntheticScene } from './scene.js';
import { expose } from './sensor.js';
import { drawStreet, type Point } from './street.js';

interface Daytime {
  readonly sky: Sky;
  /** The light that reaches everything; 1 is full daylight. */
  readonly ambient: number;
  readonly night: boolean;
}

const DAYTIMES: readonly Daytime[] = [
  { sky: { top: 0.55, bottom: 0.9 }, ambient: 1, night: false },
  { sky: { top: 0.25, bottom: 0.62 }, ambient: 0.62, night: false },
  { sky: { top: 0.03, bottom: 0.1 }, ambient: 0.2, night: true },
];

/** How much light reaches a point. */
type Light = (x: number, y: number) => number;

/**
 * A street, in the thermal infrared (a) and in visible light (b). Persons and cars are warm in a; in b they may be in
 * shadow or in the dark, while textures, marks, signs and lamps show. Labels: `STREET`.
 */
export function ivifScene(height: number, width: number, rng: Rng): SyntheticScene {
  const on = canvas(height, width);
  const time = DAYTIMES[rng.integer(DAYTIMES.length)] as Daytime;
  const view = { x: (width / height) * between(rng, 0.35, 0.65), horizon: between(rng, 0.36, 0.48) };
  drawBackground(on, rng, view, time);
  const lamps = drawStreet(on, rng, view, time.night);
  const light = time.night ? lampLight(lamps, time.ambient) : daylight(rng, view, time.ambient);
  const shape = [height, width];
  return {
    a: { data: infrared(on, rng), shape },
    b: { data: visible(on, rng, light, time.night ? 0.02 : 0.012), shape },
    truth: null,
    labels: { data: on.labels, shape },
  };
}

function drawBackground(on: Canvas, rng: Rng, view: Perspective, time: Daytime): void {
  const labelled = (label: number) => brush(on, undefined, label);
  drawSky(labelled(STREET.sky), rng, time.sky, view.horizon);
  drawHills(labelled(STREET.trees), rng, view.horizon, between(rng, 0.08, 0.2), 0.4);
  drawGround(labelled(STREET.ground), rng, view, labelled(STREET.road));
  for (let x = between(rng, -0.3, 0.1); x < on.width / on.height; x += between(rng, 0.35, 0.7)) {
    if (Math.abs(x + 0.2 - view.x) < 0.3) continue; // the road runs here
    const top = view.horizon - between(rng, 0.12, 0.3);
    const front: Bounds = [x, top, x + between(rng, 0.25, 0.5), view.horizon + 0.03];
    drawBuilding(labelled(STREET.building), rng, front, time.night);
  }
}

/** Heat spreads: the infrared is a little blurred and low in texture. Its detector has a pattern of columns. */
function infrared({ heat, height, width }: Canvas, rng: Rng): Float32Array {
  const contrast = between(rng, 0.95, 1.2); // how far the background lies below the warmest
  const map = heat.map((value) => 1 - contrast * (1 - value));
  return expose(map, height, width, { blur: 0.0035 * height, noise: 0.012, columns: 0.005 }, rng);
}

function visible(on: Canvas, rng: Rng, light: Light, noiseLevel: number): Float32Array {
  const { height, width, reflectance, glow } = on;
  const lit = mapPixels(
    height,
    width,
    (x, y, i) => (reflectance[i] as number) * light(x, y) + (glow[i] as number),
  );
  // Glare: what is brighter than white spills over, far and near.
  const bright = glow.map((value) => Math.max(0, value - 1));
  const halo = blur(bright, height, width, 0.04 * height);
  const core = blur(bright, height, width, 0.015 * height);
  const map = lit.map((value, i) => value + 4 * (halo[i] as number) + 2 * (core[i] as number));
  return expose(map, height, width, { blur: 0.35, noise: noiseLevel }, rng);
}

/** Every lamp lights a pool around and below it. */
function lampLight(lamps: readonly Point[], ambient: number): Light {
  return (x, y) => {
    let light = ambient;
    for (const [lampX, lampY] of lamps) {
      light += 0.55 * Math.exp(-(((x - lampX) / 0.3) ** 2) - ((y - lampY - 0.3) / 0.45) ** 2);
    }
    return light;
  };
}

/** Daylight, broken by the shadow of something outside the picture. */
function daylight(rng: Rng, view: Perspective, ambient: number): Light {
  const leaves = noise(rng, 3);
  const x0 = view.x + between(rng, -0.6, 0.6);
  const y0 = view.horizon + between(rng, 0.1, 0.5);
  const reach = between(rng, 0.2, 0.4);
  return (x, y) => {
    const away = Math.sqrt(((x - x0) / (2 * reach)) ** 2 + ((y - y0) / reach) ** 2);
    return ambient * mix(0.35, 1, smoothstep(0.9, 1.1, away + 0.9 * (leaves(9 * x, 18 * y) - 0.5)));
  };
}
