import { join } from 'node:path';
import { encodePng, readPicture, writeFileAtomic } from '@refusion/image-io/node';
import sharp from 'sharp';
import { PLAN, type Places } from './plan.js';
import type { TestScene } from './scenes.js';
import type { WeightMaps } from './weight-maps.js';

const ROWS = 3;
const GAP = 4;

/** One picture of the first scenes, a row each: infrared, visible, fused, W_a, V_a. */
export async function writeOverview(
  places: Places,
  scenes: readonly TestScene[],
  maps: readonly WeightMaps[],
): Promise<void> {
  const { testHeight: height, testWidth: width } = PLAN;
  const tiles = await Promise.all(
    scenes.slice(0, ROWS).map(async (scene, row) => {
      const fused = await readPicture(join(places.fused, `${scene.stem}.png`));
      const { w, v } = maps[row] as WeightMaps;
      const pictures = [scene.a, scene.b, fused, w.picture, v.picture];
      return Promise.all(
        pictures.map(async (picture, column) => ({
          input: await encodePng(picture),
          left: column * (width + GAP),
          top: row * (height + GAP),
        })),
      );
    }),
  );
  const canvas = { width: 5 * (width + GAP) - GAP, height: ROWS * (height + GAP) - GAP };
  const image = sharp({ create: { ...canvas, channels: 3, background: 'white' } }).composite(tiles.flat());
  await writeFileAtomic(places.overview, await image.png({ palette: true, quality: 90 }).toBuffer());
}
