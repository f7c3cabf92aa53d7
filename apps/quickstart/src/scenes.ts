import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type NdArray, rng } from '@refusion/core';
import { syntheticScene } from '@refusion/data';
import { type Picture, picture, toUint8 } from '@refusion/image-io';
import { writePng } from '@refusion/image-io/node';
import { PLAN, type Places } from './plan.js';

/** A scene that the training never sees. */
export interface TestScene {
  readonly stem: string;
  readonly a: Picture;
  readonly b: Picture;
}

/** Draws the unseen scenes and writes their sources, and the two fusions that everyone knows, as pictures. */
export async function writeScenes(places: Places): Promise<TestScene[]> {
  for (const folder of [places.a, places.b, places.average, places.maximum])
    await mkdir(folder, { recursive: true });
  const random = rng(PLAN.testSeed);
  const scenes = Array.from({ length: PLAN.testScenes }, (_unused, i) => drawScene(i, random));
  for (const { stem, a, b } of scenes) {
    await writePng(join(places.a, `${stem}.png`), a);
    await writePng(join(places.b, `${stem}.png`), b);
    await writePng(
      join(places.average, `${stem}.png`),
      combined(a, b, (x, y) => (x + y + 1) >> 1),
    );
    await writePng(join(places.maximum, `${stem}.png`), combined(a, b, Math.max));
  }
  return scenes;
}

function drawScene(index: number, random: ReturnType<typeof rng>): TestScene {
  const { testHeight: height, testWidth: width } = PLAN;
  const { a, b } = syntheticScene({ task: 'ivif', height, width, rng: random });
  return { stem: `scene-${index + 1}`, a: asPicture(a), b: asPicture(b) };
}

/** From [0, 1] to 8 bits. */
export function asPicture({ data, shape }: NdArray<Float32Array>): Picture {
  return toUint8({ data: data.map((value) => value * 255), shape });
}

function combined(a: Picture, b: Picture, fn: (x: number, y: number) => number): Picture {
  return picture(
    a.data.map((value, i) => fn(value, b.data[i] as number)),
    a.shape,
  );
}
