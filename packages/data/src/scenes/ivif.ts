import type { Rng } from '@refusion/core';
import { type Canvas, canvas } from './canvas.js';
import { blur } from './filter.js';
import { paintBuilding, paintHills, paintSky, paintTree, type Sky } from './landscape.js';
import { type Noise, noise } from './noise.js';
import { between, mix, smoothstep } from './scalar.js';
import type { SyntheticScene } from './scene.js';
import { expose } from './sensor.js';
import {
  type Perspective,
  paintCar,
  paintGround,
  paintLamp,
  paintPerson,
  paintSign,
  scaleAt,
} from './street.js';

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

/**
 * A street, in the thermal infrared (a) and in visible light (b). Persons and cars are warm in a; in b they may be in
 * shadow or in the dark, while textures, marks, signs and lamps show. Labels: 1 person, 2 car, 0 all else.
 */
export function ivifScene(height: number, width: number, rng: Rng): SyntheticScene {
  const on = canvas(height, width);
  const time = DAYTIMES[rng.integer(DAYTIMES.length)] as Daytime;
  const view: Perspective = {
    x: (width / height) * between(rng, 0.35, 0.65),
    horizon: between(rng, 0.36, 0.48),
  };
  paintBackground(on, rng, view, time);
  const lamps = paintStreet(on, rng, view, time);
  const shape = [height, width];
  return {
    a: { data: infrared(on, rng), shape },
    b: { data: visible(on, rng, view, time, lamps), shape },
    truth: null,
    labels: { data: on.labels, shape },
  };
}

function paintBackground(on: Canvas, rng: Rng, view: Perspective, time: Daytime): void {
  const wide = on.width / on.height;
  paintSky(on, rng, time.sky, view.horizon);
  paintHills(on, rng, view.horizon, between(rng, 0.08, 0.2), 0.4);
  paintGround(on, rng, view);
  for (let x = between(rng, -0.3, 0.1); x < wide; x += between(rng, 0.35, 0.7)) {
    if (Math.abs(x + 0.2 - view.x) < 0.3) continue; // the road runs here
    const top = view.horizon - between(rng, 0.12, 0.3);
    paintBuilding(
      on,
      rng,
      { left: x, right: x + between(rng, 0.25, 0.5), top, ground: view.horizon + 0.03 },
      time.night,
    );
  }
}

/** Trees, lamps, signs, cars and persons, the far ones first. Returns where the lamps' heads are. */
function paintStreet(on: Canvas, rng: Rng, view: Perspective, time: Daytime): (readonly [number, number])[] {
  const lamps: (readonly [number, number])[] = [];
  const paintAt: ((ground: number, size: number) => void)[] = [];
  const side = () => (rng.uniform() < 0.5 ? -1 : 1);
  const beside = (size: number) => view.x + side() * size * between(rng, 0.95, 1.25);
  const onRoad = (size: number) => view.x + size * between(rng, -0.7, 0.7);
  const times = (count: number, draw: (ground: number, size: number) => void) => {
    for (let i = 0; i < count; i++) paintAt.push(draw);
  };
  times(2 + rng.integer(3), (y, size) => paintTree(on, rng, beside(size), y, 1.3 * size));
  times(1 + rng.integer(2), (y, size) => {
    lamps.push(paintLamp(on, beside(size), y, 1.25 * size, time.night));
  });
  times(rng.integer(3), (y, size) => paintSign(on, rng, beside(size), y, 0.7 * size));
  times(1 + rng.integer(2), (y, size) => paintCar(on, rng, onRoad(size), y, 0.6 * size, time.night));
  times(2 + rng.integer(3), (y, size) =>
    paintPerson(on, rng, view.x + size * between(rng, -1.1, 1.1), y, 0.62 * size),
  );
  const grounds = paintAt
    .map(() => view.horizon + (1 - view.horizon) * between(rng, 0.12, 0.85))
    .sort((p, q) => p - q);
  rng.shuffle(paintAt).forEach((draw, i) => {
    const ground = grounds[i] as number;
    draw(ground, scaleAt(view, ground));
  });
  return lamps;
}

/** Body heat spreads: the infrared is a little blurred, low in texture, with a pattern of columns. */
function infrared(on: Canvas, rng: Rng): Float32Array {
  const contrast = between(rng, 0.95, 1.2); // how far the background lies below the warmest
  const map = on.heat.map((heat) => 1 - contrast * (1 - heat));
  const sensor = { blur: 0.0035 * on.height, noise: 0.012, columns: 0.005 };
  return expose(map, on.height, on.width, sensor, rng);
}

function visible(
  on: Canvas,
  rng: Rng,
  view: Perspective,
  time: Daytime,
  lamps: readonly (readonly [number, number])[],
): Float32Array {
  const { height, width } = on;
  const lightAt = time.night ? lampLight(lamps, time.ambient) : shade(rng, view, time.ambient);
  const lit = on.reflectance.map((reflectance, i) => {
    const x = ((i % width) + 0.5) / height;
    const y = (Math.floor(i / width) + 0.5) / height;
    return reflectance * lightAt(x, y) + (on.glow[i] as number);
  });
  addGlare(lit, on);
  return expose(lit, height, width, { blur: 0.35, noise: time.night ? 0.02 : 0.012 }, rng);
}

/** Every lamp lights a pool around and below it. */
function lampLight(lamps: readonly (readonly [number, number])[], ambient: number): Noise {
  return (x, y) => {
    let light = ambient;
    for (const [lampX, lampY] of lamps) {
      light += 0.55 * Math.exp(-(((x - lampX) / 0.3) ** 2) - ((y - lampY - 0.3) / 0.45) ** 2);
    }
    return light;
  };
}

/** Daylight with the broken shadow of something outside the picture. */
function shade(rng: Rng, view: Perspective, ambient: number): Noise {
  const leaves = noise(rng, 3);
  const x0 = view.x + between(rng, -0.6, 0.6);
  const y0 = view.horizon + between(rng, 0.1, 0.5);
  const reach = between(rng, 0.2, 0.4);
  return (x, y) => {
    const away = Math.sqrt(((x - x0) / (2 * reach)) ** 2 + ((y - y0) / reach) ** 2);
    return ambient * mix(0.35, 1, smoothstep(0.9, 1.1, away + 0.9 * (leaves(9 * x, 18 * y) - 0.5)));
  };
}

/** What is brighter than white spills over, far and near. */
function addGlare(lit: Float32Array, { glow, height, width }: Canvas): void {
  const bright = glow.map((value) => Math.max(0, value - 1));
  const halo = blur(bright, height, width, 0.04 * height);
  const core = blur(bright, height, width, 0.015 * height);
  for (let i = 0; i < lit.length; i++) {
    lit[i] = (lit[i] as number) + 4 * (halo[i] as number) + 2 * (core[i] as number);
  }
}
