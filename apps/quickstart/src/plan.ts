import { join } from 'node:path';

/** What the quickstart trains and shows: as much as a few minutes on two cores allow. */
export const PLAN = {
  seed: 7,
  /** Networks a quarter of the authors' width or less, so that a step takes a fraction of a second. */
  network: { dim: 8, blocks: 1, heads: 4 },
  epochs: 6,
  metaSteps: 10,
  fusionSteps: 32,
  batch: 2,
  crop: 48,
  scenes: 48,
  lr: 2e-3,
  outerLr: 2e-3,
  /** Scenes that the training never saw: another seed. */
  testSeed: 1007,
  testScenes: 6,
  testHeight: 192,
  testWidth: 256,
} as const;

/** Where everything of one quickstart lies. */
export interface Places {
  readonly root: string;
  readonly run: string;
  /** The unseen scenes' sources. */
  readonly a: string;
  readonly b: string;
  readonly fused: string;
  readonly average: string;
  readonly maximum: string;
  readonly report: string;
  readonly overview: string;
}

export function placesBelow(root: string): Places {
  return {
    root,
    run: join(root, 'run'),
    a: join(root, 'scenes', 'infrared'),
    b: join(root, 'scenes', 'visible'),
    fused: join(root, 'fused'),
    average: join(root, 'average'),
    maximum: join(root, 'maximum'),
    report: join(root, 'report.html'),
    overview: join(root, 'overview.png'),
  };
}
