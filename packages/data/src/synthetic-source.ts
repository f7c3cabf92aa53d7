import { expectInteger, rng } from '@refusion/core';
import { expectIndex, type PairSource } from './pair-source.js';
import type { SceneTask, SyntheticScene } from './scenes/scene.js';
import { syntheticScene } from './scenes/synthetic-scene.js';

/** Synthetic scenes as pairs, and the scenes themselves with what is known about them. */
export interface SyntheticSource extends PairSource<SyntheticScene> {
  scene(index: number): SyntheticScene;
}

/**
 * A source of `count` synthetic scenes (`syntheticScene`), each painted anew when it is asked for. A scene depends on
 * the seed and on its number, not on the count.
 * @throws OptionError for an unknown task, a count below 1 or a size that a scene cannot have (the latter when asked).
 */
export function syntheticSource({
  task,
  count,
  height,
  width,
  seed,
}: {
  task: SceneTask;
  count: number;
  height: number;
  width: number;
  seed: number;
}): SyntheticSource {
  expectInteger('syntheticSource', 'count', count, 1);
  const root = rng(seed);
  const name = (index: number) => `${task}-${String(index).padStart(4, '0')}`;
  const scene = (index: number) => {
    expectIndex('syntheticSource', index, count);
    return syntheticScene({ task, height, width, rng: root.fork(name(index)) });
  };
  return { length: count, name, scene, pair: async (index) => scene(index) };
}
