import type { Engine, Tensor } from '@refusion/autodiff';
import { type NdArray, type Params, ShapeError } from '@refusion/core';
import { type Picture, picture } from '@refusion/image-io';
import { type LossWeights, proposal } from '@refusion/networks';
import { readSafetensors } from '@refusion/networks/node';
import { loadEngine } from '@refusion/tf';
import { interpolateViridis } from 'd3-scale-chromatic';
import type { TestScene } from './scenes.js';

/** What P learned to propose for one scene: the weights of the infrared image, as pictures and in numbers. */
export interface WeightMaps {
  /** W_a: how much of the infrared intensity the loss asks for. */
  readonly w: ShownMap;
  /** V_a: how much of the infrared gradient. */
  readonly v: ShownMap;
}

export interface ShownMap {
  /** Viridis: dark where the weight is least, bright where it is greatest. */
  readonly picture: Picture;
  readonly least: number;
  readonly greatest: number;
}

/** Runs the trained proposal network on the unseen scenes. */
export async function weightMaps(weights: string, scenes: readonly TestScene[]): Promise<WeightMaps[]> {
  const engine = await loadEngine('wasm');
  const { tensors } = await readSafetensors(weights);
  const params = Object.fromEntries(
    Object.entries(tensors).map(([name, { data, shape }]) => [name, engine.ops.constant(data, shape)]),
  );
  const maps: WeightMaps[] = [];
  for (const scene of scenes) maps.push(await mapsOf(engine, params, scene));
  engine.release(params);
  return maps;
}

async function mapsOf(engine: Engine, params: Params<Tensor>, scene: TestScene): Promise<WeightMaps> {
  const { ops } = engine;
  const image = ({ data, shape: [height, width] }: Picture): Tensor =>
    ops.constant(
      Float32Array.from(data, (level) => level / 255),
      [1, height, width, 1],
    );
  const { w, v }: LossWeights = ops.scope(() => proposal(ops, params, image(scene.a), image(scene.b)));
  const shown = { w: await ofSourceA(engine, w), v: await ofSourceA(engine, v) };
  engine.release([w, v]);
  return { w: coloured(shown.w), v: coloured(shown.v) };
}

/** The first channel of `[1, H, W, 2]`. */
async function ofSourceA(engine: Engine, map: Tensor): Promise<NdArray<Float32Array>> {
  const [, height, width] = map.shape;
  if (height === undefined || width === undefined) throw new ShapeError(`not a weight map: [${map.shape}]`);
  const both = await engine.read(map);
  const data = Float32Array.from({ length: height * width }, (_unused, i) => both[2 * i] as number);
  return { data, shape: [height, width] };
}

function coloured({ data, shape }: NdArray<Float32Array>): ShownMap {
  const least = data.reduce((a, b) => Math.min(a, b), 1);
  const greatest = data.reduce((a, b) => Math.max(a, b), 0);
  const palette = Array.from({ length: 256 }, (_unused, level) => rgbOf(interpolateViridis(level / 255)));
  const scale = greatest > least ? 255 / (greatest - least) : 0;
  const bytes = Uint8Array.from(
    Array.from(data).flatMap((value) => palette[Math.round((value - least) * scale)] as number[]),
  );
  return { picture: picture(bytes, [...shape, 3]), least, greatest };
}

/** `#rrggbb`, as the palette gives it. */
function rgbOf(colour: string): number[] {
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return [red as number, green as number, blue as number];
}
