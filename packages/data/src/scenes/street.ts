import type { Rng } from '@refusion/core';
import { brush, type Canvas, type Place } from './canvas.js';
import { drawCar } from './car.js';
import { type Perspective, scaleAt } from './ground.js';
import { STREET } from './labels.js';
import { drawTree } from './landscape.js';
import { ellipse } from './outline.js';
import { drawPerson } from './person.js';
import { drawLamp, drawSign, LAMP_HEAD } from './roadside.js';
import { between, mix } from './scalar.js';

export type Point = readonly [x: number, y: number];

/** Draws one thing that stands on the ground at the height `y` of the picture. */
type Thing = (y: number) => void;

/**
 * Trees, lamps, signs, cars and persons along a road, the far ones first, with the labels of `STREET`.
 * @returns where the lamps' lights are.
 */
export function drawStreet(on: Canvas, rng: Rng, view: Perspective, night: boolean): Point[] {
  const lamps: Point[] = [];
  const tree: Thing = (y) => drawTree(brush(on, beside(rng, view, y, 1.3), STREET.trees), rng);
  const sign: Thing = (y) => drawSign(brush(on, beside(rng, view, y, 0.7), STREET.post), rng);
  const lamp: Thing = (y) => {
    const place = beside(rng, view, y, 1.25);
    const side = place.x > view.x ? -1 : 1; // over the road
    drawLamp(brush(on, place, STREET.post), side, night);
    lamps.push([place.x + side * LAMP_HEAD.x * place.size, place.y + LAMP_HEAD.y * place.size]);
  };
  const car: Thing = (y) => {
    const place = across(rng, view, y, 0.7, 0.6);
    brush(on, place, null)(ellipse(0, 0, 0.56, 0.05), { reflectance: 0.05, heat: 0.5 }); // its shadow
    drawCar(brush(on, place, STREET.car), rng, night);
  };
  const person: Thing = (y) => {
    const place = across(rng, view, y, 1.1, 0.62);
    brush(on, place, null)(ellipse(0, 0, 0.2, 0.025), { reflectance: 0.1, heat: 0.42 });
    drawPerson(brush(on, place, STREET.person), rng);
  };
  const things = [
    ...repeated(tree, 2 + rng.integer(3)),
    ...repeated(lamp, 1 + rng.integer(2)),
    ...repeated(sign, rng.integer(3)),
    ...repeated(car, 1 + rng.integer(2)),
    ...repeated(person, 2 + rng.integer(3)),
  ];
  const heights = things.map(() => mix(view.horizon, 1, between(rng, 0.12, 0.85))).sort((p, q) => p - q);
  rng.shuffle(things).forEach((thing, i) => {
    thing(heights[i] as number);
  });
  return lamps;
}

function repeated(thing: Thing, count: number): Thing[] {
  return new Array<Thing>(count).fill(thing);
}

/** A place at one side of the road. */
function beside(rng: Rng, view: Perspective, y: number, size: number): Place {
  const scale = scaleAt(view, y);
  const side = rng.uniform() < 0.5 ? -1 : 1;
  return { x: view.x + side * scale * between(rng, 0.95, 1.25), y, size: size * scale };
}

/** A place on the road or, where `reach` is above 1, next to it. */
function across(rng: Rng, view: Perspective, y: number, reach: number, size: number): Place {
  const scale = scaleAt(view, y);
  return { x: view.x + scale * between(rng, -reach, reach), y, size: size * scale };
}
