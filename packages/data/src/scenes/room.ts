import type { Rng } from '@refusion/core';
import { drawBuilding } from './building.js';
import { type Brush, brush, type Canvas, canvas, mapPixels } from './canvas.js';
import { drawGround } from './ground.js';
import { drawHills, drawSky, drawTree } from './landscape.js';
import { noise } from './noise.js';
import { type Bounds, band, box, ellipse, stroke } from './outline.js';
import type { Radiance } from './radiance.js';
import { between, mix } from './scalar.js';
import { drawThing } from './things.js';

/** A dim room with a window into daylight. */
export function room(height: number, width: number, rng: Rng): Radiance {
  const wide = width / height;
  const left = between(rng, 0.08, 0.4) * wide;
  const top = between(rng, 0.07, 0.15);
  const pane: Bounds = [left, top, left + between(rng, 0.4, 0.5) * wide, between(rng, 0.5, 0.58)];
  const view = paintView(height, width, rng, pane);
  const inside = paintInside(height, width, rng, pane);
  const bright = inside.cover.map((cover) => 1 - cover);
  const reflectance = inside.reflectance.map((r, i) => {
    const outside = Math.min(1, (view.reflectance[i] as number) + (view.glow[i] as number));
    return Math.min(1, r + (bright[i] as number) * outside);
  });
  const dim = between(rng, 0.008, 0.02);
  const middle = (pane[0] + pane[2]) / 2;
  const light = mapPixels(height, width, (x, y, i) => {
    // Daylight falls through the window onto the table.
    const fall = Math.exp(-(((x - middle) / 0.45) ** 2) - ((y - pane[3] - 0.15) / 0.25) ** 2);
    return mix(dim * (1 + 5 * fall), 1, bright[i] as number);
  });
  return { reflectance, light, bright };
}

function paintView(height: number, width: number, rng: Rng, [left, top, right, bottom]: Bounds): Canvas {
  const on = canvas(height, width);
  const draw = brush(on);
  const horizon = mix(top, bottom, between(rng, 0.55, 0.75));
  drawSky(draw, rng, { top: 0.7, bottom: 0.95 }, horizon);
  drawHills(draw, rng, horizon, 0.12, 0.5);
  drawGround(draw, rng, { x: (left + right) / 2, horizon });
  const house = mix(left, right, between(rng, 0, 0.6));
  drawBuilding(draw, rng, [house, horizon - 0.16, house + 0.25, horizon + 0.03], false);
  for (let i = 0; i < 2; i++) {
    const x = mix(left, right, rng.uniform());
    drawTree(brush(on, { x, y: horizon + 0.05, size: between(rng, 0.2, 0.35) }), rng);
  }
  return on;
}

/** The room; the window's panes stay unpainted. */
function paintInside(height: number, width: number, rng: Rng, pane: Bounds): Canvas {
  const on = canvas(height, width);
  const draw = brush(on);
  const edge = pane[3] + between(rng, 0.1, 0.18); // where the table meets the wall
  drawWall(draw, rng, pane, edge + 0.02);
  drawFrame(draw, pane);
  drawCurtains(draw, pane);
  const grain = noise(rng, 4);
  draw(band(edge, 1.1), (x, y) => ({ reflectance: 0.35 + 0.4 * grain(5 * x, 60 * y) }));
  for (let x = between(rng, 0.05, 0.25); x < width / height; x += between(rng, 0.28, 0.45)) {
    const place = { x, y: edge + between(rng, 0.08, 0.2), size: between(rng, 0.22, 0.36) };
    brush(on, place)(ellipse(0, 0, 0.38, 0.05), { reflectance: 0.1 }); // its shadow
    drawThing(brush(on, place), rng);
  }
  return on;
}

/** A papered wall around the window. */
function drawWall(draw: Brush, rng: Rng, pane: Bounds, bottom: number): void {
  const plaster = noise(rng, 4);
  const tone = between(rng, 0.5, 0.75);
  const pitch = (2 * Math.PI) / between(rng, 0.05, 0.1);
  const hole = box(pane);
  const whole = band(-1, bottom);
  const wall = {
    ...whole,
    distance: (x: number, y: number) => Math.max(whole.distance(x, y), -hole.distance(x, y)),
  };
  draw(wall, (x, y) => {
    const ornament = Math.sin(pitch * x) * Math.cos(pitch * y) > 0.35 ? -0.12 : 0;
    return { reflectance: tone + ornament + 0.25 * (plaster(12 * x, 12 * y) - 0.5) };
  });
}

function drawFrame(draw: Brush, [left, top, right, bottom]: Bounds): void {
  for (const x of [left, (left + right) / 2, right]) {
    draw(box([x - 0.014, top, x + 0.014, bottom]), { reflectance: 0.75 });
  }
  draw(box([left - 0.03, bottom - 0.01, right + 0.03, bottom + 0.025]), { reflectance: 0.85 });
}

function drawCurtains(draw: Brush, [left, top, right, bottom]: Bounds): void {
  for (const edge of [left, right]) {
    draw(box([edge - 0.07, top - 0.03, edge + 0.05, bottom + 0.08], 0.01), (x, y) => ({
      reflectance: 0.5 + 0.2 * Math.sin(130 * (x - edge) + 2 * Math.sin(6 * y)), // folds
    }));
  }
  draw(stroke(left - 0.12, top - 0.03, right + 0.12, top - 0.03, 0.009), { reflectance: 0.6 });
}
