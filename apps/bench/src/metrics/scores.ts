import type { Convention, Metric } from '@refusion/metrics';

/** The scores of one fused image, in the order of the metrics. */
export interface ImageScores {
  readonly stem: string;
  readonly values: readonly number[];
}

/** A mean over the images whose score is finite. */
export interface Mean {
  /** NaN where there is no such image. */
  readonly value: number;
  /** How many images it is over. */
  readonly count: number;
}

/** A method's scores, over all pairs. */
export interface MethodScores {
  readonly name: string;
  readonly images: readonly ImageScores[];
  /** In the order of the metrics. */
  readonly means: readonly Mean[];
}

/** What `bench metrics` finds out. */
export interface ScoreBoard {
  readonly convention: Convention;
  readonly metrics: readonly Metric[];
  readonly methods: readonly MethodScores[];
}

/** A method's scores with their means. `images` has at least one. */
export function methodScores(name: string, images: readonly ImageScores[]): MethodScores {
  const columns = images[0]?.values ?? [];
  const means = columns.map((_, column) => meanOf(images.map(({ values }) => values[column] as number)));
  return { name, images, means };
}

function meanOf(values: readonly number[]): Mean {
  const finite = values.filter(Number.isFinite);
  return { value: finite.reduce((sum, value) => sum + value, 0) / finite.length, count: finite.length };
}
