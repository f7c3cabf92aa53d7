import type { Rng } from '@refusion/core';
import { newHead, TISSUE, type Tissue, tissuesAt } from './head.js';
import { noise } from './noise.js';
import { between } from './scalar.js';
import type { SyntheticScene } from './scene.js';
import { expose } from './sensor.js';

type Contrast = Readonly<Record<Tissue, number>>;

const CT = byLabel({
  air: 0,
  scalp: 0.2,
  skull: 1,
  fluid: 0.2,
  grayMatter: 0.36,
  whiteMatter: 0.32,
  lesion: 0.27,
});
const T2 = byLabel({
  air: 0,
  scalp: 0.5,
  skull: 0.05,
  fluid: 0.92,
  grayMatter: 0.5,
  whiteMatter: 0.32,
  lesion: 0.8,
});
const T1 = byLabel({
  air: 0,
  scalp: 0.85,
  skull: 0.05,
  fluid: 0.12,
  grayMatter: 0.48,
  whiteMatter: 0.68,
  lesion: 0.25,
});

function byLabel(contrast: Contrast): number[] {
  const tissues = Object.keys(TISSUE) as Tissue[];
  return tissues.map((tissue) => contrast[tissue]);
}

/**
 * A slice through a head. Computed tomography (a) shows bone bright and soft tissue flat; magnetic resonance (b), with
 * T1 or T2 contrast, tells fluid, gray and white matter apart and shows no bone. Labels: 0 air, 1 scalp, 2 skull and
 * other calcium, 3 fluid, 4 gray matter, 5 white matter, 6 a lesion.
 */
export function mifScene(height: number, width: number, rng: Rng): SyntheticScene {
  const head = newHead(rng);
  const [bendX, bendY] = [noise(rng, 2), noise(rng, 2)];
  const grain = noise(rng, 3);
  const pixel = between(rng, 2.2, 2.5) / Math.min(height, width);
  const tilt = between(rng, -0.12, 0.12);
  const mri = rng.uniform() < 0.7 ? T2 : T1;
  const [ct, mr] = [new Float32Array(height * width), new Float32Array(height * width)];
  const labels = new Uint8Array(height * width);
  for (let i = 0; i < labels.length; i++) {
    const x = ((i % width) + 0.5 - width / 2) * pixel;
    const y = (Math.floor(i / width) + 0.5 - height / 2) * pixel;
    // No head is an ellipse: turned a little, and smoothly bent.
    const u = x * Math.cos(tilt) + y * Math.sin(tilt) + 0.11 * (bendX(1.7 * x, 1.7 * y) - 0.5);
    const v = y * Math.cos(tilt) - x * Math.sin(tilt) + 0.11 * (bendY(1.7 * x, 1.7 * y) - 0.5);
    const tissues = tissuesAt(head, u, v, pixel);
    ct[i] = brightness(CT, tissues);
    // Tissue is never even, and a scanner's coils see one side a little brighter.
    mr[i] = brightness(mri, tissues) * (0.8 + 0.25 * bendX(x, y) + 0.25 * grain(14 * x, 14 * y));
    labels[i] = strongest(tissues);
  }
  const shape = [height, width];
  return {
    a: { data: expose(ct, height, width, { blur: 0.5, noise: 0.012 }, rng), shape },
    b: { data: expose(mr, height, width, { blur: 0.5, noise: 0.015 }, rng), shape },
    truth: null,
    labels: { data: labels, shape },
  };
}

/** The mean of the tissues' values by their weights. */
function brightness(values: readonly number[], weights: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += (values[i] as number) * (weights[i] as number);
  return sum;
}

function strongest(weights: readonly number[]): number {
  let label = 0;
  for (let i = 1; i < weights.length; i++) {
    if ((weights[i] as number) > (weights[label] as number)) label = i;
  }
  return label;
}
