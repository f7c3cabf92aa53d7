import type { Outline } from './outline.js';
import { clamp01 } from './scalar.js';

/** What a surface is like at a point. */
export interface Material {
  /** How much light it returns, 0 to 1. */
  readonly reflectance: number;
  /** How warm it looks in the thermal infrared, 0 (the coldest) to 1 (skin). */
  readonly heat?: number;
  /** The visible light that it gives off itself; 1 is as bright as white in daylight. */
  readonly glow?: number;
}

/** A scene as maps of `height x width` values, row by row. */
export interface Canvas {
  readonly height: number;
  readonly width: number;
  readonly reflectance: Float32Array;
  readonly heat: Float32Array;
  readonly glow: Float32Array;
  /** How much of each pixel is painted, 0 to 1; the maps are premultiplied by it. */
  readonly cover: Float32Array;
  readonly labels: Uint8Array;
}

/** A canvas on which nothing is painted. */
export function canvas(height: number, width: number): Canvas {
  const size = height * width;
  return {
    height,
    width,
    reflectance: new Float32Array(size),
    heat: new Float32Array(size),
    glow: new Float32Array(size),
    cover: new Float32Array(size),
    labels: new Uint8Array(size),
  };
}

/**
 * The value of a function at the middle of every pixel of a picture, row by row. Coordinates are in units of the
 * picture's height; x runs to the right, y down, from the upper left corner.
 */
export function mapPixels(
  height: number,
  width: number,
  value: (x: number, y: number, index: number) => number,
): Float32Array {
  const map = new Float32Array(height * width);
  for (let i = 0; i < map.length; i++) {
    map[i] = value(((i % width) + 0.5) / height, (Math.floor(i / width) + 0.5) / height, i);
  }
  return map;
}

/** Where the origin of a thing's own coordinates lies in the picture, and how long their unit is there. */
export interface Place {
  readonly x: number;
  readonly y: number;
  readonly size: number;
}

const PICTURE: Place = { x: 0, y: 0, size: 1 };

/** Fills an outline with a material; both are in the coordinates of the brush's place. */
export type Brush = (outline: Outline, material: Material | ((x: number, y: number) => Material)) => void;

/**
 * A brush that paints over what is there, edges smoothed over a pixel.
 * @param place default: the picture's own coordinates.
 * @param label of the pixels painted; null leaves the labels as they are, as a shadow does. Default 0.
 */
export function brush(on: Canvas, { x: x0, y: y0, size } = PICTURE, label: number | null = 0): Brush {
  const { height, width } = on;
  const first = (origin: number, edge: number) =>
    Math.max(0, Math.floor((origin + size * edge) * height) - 1);
  const last = (origin: number, edge: number, length: number) =>
    Math.min(length - 1, Math.ceil((origin + size * edge) * height));
  return ({ bounds: [left, top, right, bottom], distance }, material) => {
    const at = typeof material === 'function' ? material : () => material;
    const lastRow = last(y0, bottom, height);
    const lastColumn = last(x0, right, width);
    for (let row = first(y0, top); row <= lastRow; row++) {
      const y = ((row + 0.5) / height - y0) / size;
      for (let column = first(x0, left); column <= lastColumn; column++) {
        const x = ((column + 0.5) / height - x0) / size;
        const cover = clamp01(0.5 - distance(x, y) * size * height);
        if (cover > 0) blend(on, row * width + column, at(x, y), cover, label);
      }
    }
  };
}

function blend(on: Canvas, i: number, material: Material, cover: number, label: number | null): void {
  const rest = 1 - cover;
  on.reflectance[i] = rest * (on.reflectance[i] as number) + cover * material.reflectance;
  on.heat[i] = rest * (on.heat[i] as number) + cover * (material.heat ?? 0);
  on.glow[i] = rest * (on.glow[i] as number) + cover * (material.glow ?? 0);
  on.cover[i] = rest * (on.cover[i] as number) + cover;
  if (label !== null && cover >= 0.5) on.labels[i] = label;
}
