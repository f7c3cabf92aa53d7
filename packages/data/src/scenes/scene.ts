import type { NdArray } from '@refusion/core';

/** What a synthetic scene shows, and how: the four tasks of image fusion. */
export type SceneTask = 'ivif' | 'mif' | 'mfif' | 'meif';

/** The names of the tasks. */
export const SCENE_TASKS: readonly SceneTask[] = ['ivif', 'mif', 'mfif', 'meif'];

/** Two registered pictures of one scene and what is known about it; all are `[H, W]`. */
export interface SyntheticScene {
  /** Infrared, CT, near-focused or under-exposed; in [0, 1]. */
  readonly a: NdArray<Float32Array>;
  /** Visible, MRI, far-focused or over-exposed; in [0, 1]. */
  readonly b: NdArray<Float32Array>;
  /** The picture that a perfect fusion would give, in [0, 1], where there is one. */
  readonly truth: NdArray<Float32Array> | null;
  /** What each pixel shows, by its place in the task's `SCENE_LABELS`. */
  readonly labels: NdArray<Uint8Array>;
}
