import { TISSUE } from './head.js';
import type { SceneTask } from './scene.js';

/** What a street is made of, and the labels. */
export const STREET = {
  ground: 0,
  person: 1,
  car: 2,
  building: 3,
  sky: 4,
  road: 5,
  trees: 6,
  post: 7,
} as const;

/** The names of each task's labels: label `i` is called `SCENE_LABELS[task][i]`. */
export const SCENE_LABELS: { readonly [task in SceneTask]: readonly string[] } = {
  ivif: Object.keys(STREET),
  mif: Object.keys(TISSUE),
  mfif: ['blurred in both', 'sharp in a', 'sharp in b'],
  meif: ['dark part', 'bright part'],
};
