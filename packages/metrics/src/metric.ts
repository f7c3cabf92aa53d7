import type { Triplet } from './gray.js';

/**
 * How the two sources enter a score: `none`, it looks at the fused image alone; `sum` or `mean`, of one term for each
 * source; `weighted`, a mean over both in which each pixel of a source has a weight; `truth`, not at all, the fused image
 * is compared with the ground truth.
 */
export type Combine = 'none' | 'sum' | 'mean' | 'weighted' | 'truth';

/**
 * A metric in one convention, with all that a table, a plot or a reader needs to know about its number. Conventions may
 * differ in any of these fields, so a metric has one descriptor for each.
 */
export interface Metric<Id extends string = string> {
  /** The short name that papers put above the column. */
  readonly id: Id;
  readonly name: string;
  /** The unit of the number; `1` where it has none. */
  readonly unit: string;
  /** The least and the greatest value that images in 0..255 can give. */
  readonly range: readonly [least: number, greatest: number];
  readonly better: 'higher' | 'lower';
  readonly combine: Combine;
  /** Where the metric was proposed. */
  readonly reference: string;
  /** What it gives where the fused image, both sources and the truth are one constant image of gray level 128. */
  readonly constant: number;
  /** Where it is infinite or NaN or throws, in a sentence; null if it is a number for every image. */
  readonly undefinedWhere: string | null;
  /** The score of a fused image. */
  readonly compute: (triplet: Triplet) => number;
}
