import { expectInteger, expectOneOf, type Rng } from '@refusion/core';
import { ivifScene } from './ivif.js';
import { meifScene } from './meif.js';
import { mfifScene } from './mfif.js';
import { mifScene } from './mif.js';
import { SCENE_TASKS, type SceneTask, type SyntheticScene } from './scene.js';

const PAINTERS = { ivif: ivifScene, mif: mifScene, mfif: mfifScene, meif: meifScene };

/** The smallest side of a scene, in pixels: below it nothing can be made out. */
const LEAST = 16;

/**
 * Paints a registered pair of pictures of an invented scene:
 * - `ivif`: a street in the infrared (a) and in visible light (b); labels by thing;
 * - `mif`: a slice through a head, CT (a) and MRI (b); labels by tissue;
 * - `mfif`: things on a table, near (a) and far (b) in focus; labels 1 where a is perfectly sharp, 2 where b is;
 * - `meif`: a room with a window or a landscape against the sun, under- (a) and over-exposed (b); label 1 in the bright
 *   part.
 *
 * `SCENE_LABELS` names the labels. The same state of `rng` paints the same scene. A scene of another size is another scene.
 * @param options `height` and `width` of at least 16 pixels; scenes look best from 128 up.
 * @returns pictures `[height, width]` in [0, 1]; the truth of mfif and meif, else `null`.
 * @throws OptionError for an unknown task or a smaller size.
 * @example
 * const { a, b, labels } = syntheticScene({ task: 'ivif', height: 128, width: 160, rng: rng(1) });
 */
export function syntheticScene({
  task,
  height,
  width,
  rng,
}: {
  task: SceneTask;
  height: number;
  width: number;
  rng: Rng;
}): SyntheticScene {
  expectOneOf('syntheticScene', 'task', task, SCENE_TASKS);
  expectInteger('syntheticScene', 'height', height, LEAST);
  expectInteger('syntheticScene', 'width', width, LEAST);
  return PAINTERS[task](height, width, rng);
}
