import type { Outline } from './outline.js';
import { clamp01 } from './scalar.js';

/** What a surface is like at a point. */
export interface Material {
  /** How much light it returns, 0 to 1. */
  readonly reflectance: number;
  /** How warm it looks in the thermal infrared, 0 (cold sky) to 1 (skin). */
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

/** Paints an outline, its edge smoothed over a pixel, over what is there. Its pixels get the label. */
export function paint(
  on: Canvas,
  outline: Outline,
  material: Material | ((x: number, y: number) => Material),
  label = 0,
): void {
  const { height, width } = on;
  const [left, top, right, bottom] = outline.bounds;
  const firstRow = Math.max(0, Math.floor(top * height) - 1);
  const lastRow = Math.min(height - 1, Math.ceil(bottom * height));
  const firstColumn = Math.max(0, Math.floor(left * height) - 1);
  const lastColumn = Math.min(width - 1, Math.ceil(right * height));
  const at = typeof material === 'function' ? material : () => material;
  for (let row = firstRow; row <= lastRow; row++) {
    const y = (row + 0.5) / height;
    for (let column = firstColumn; column <= lastColumn; column++) {
      const x = (column + 0.5) / height;
      const cover = clamp01(0.5 - outline.distance(x, y) * height);
      if (cover > 0) blend(on, row * width + column, at(x, y), cover, label);
    }
  }
}

function blend(on: Canvas, i: number, material: Material, cover: number, label: number): void {
  const rest = 1 - cover;
  on.reflectance[i] = rest * (on.reflectance[i] as number) + cover * material.reflectance;
  on.heat[i] = rest * (on.heat[i] as number) + cover * (material.heat ?? 0);
  on.glow[i] = rest * (on.glow[i] as number) + cover * (material.glow ?? 0);
  on.cover[i] = rest * (on.cover[i] as number) + cover;
  if (cover >= 0.5) on.labels[i] = label;
}
