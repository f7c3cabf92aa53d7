import { expectOneOf } from '@refusion/core';
import { grayTripletOf, type Triplet } from './gray.js';
import { type Convention, type MetricId, metricsOf } from './registry.js';

/** What to score, and by whose definitions. */
export interface ScoreOptions<Id extends MetricId = MetricId> {
  /** The metrics wanted; all of the convention by default. */
  readonly metrics?: readonly Id[];
  /** `evaluator` by default. */
  readonly convention?: Convention;
}

/**
 * Scores a fused image by several metrics, which share the checks and the conversion to float64.
 *
 * @param triplet three gray images `[H, W]` of one shape, values 0..255
 * @returns the scores by the metrics' short names, in the order of the tables
 * @throws ShapeError unless the images are `[H, W]`, of one shape, and large enough for every metric wanted
 * @throws OptionError for an unknown metric or convention, or a value that does not round to 0..255
 * @example
 * const image = { data: Uint8Array.from({ length: 64 }, (_, i) => 4 * i), shape: [8, 8] };
 * scoreTriplet({ fused: image, a: image, b: image }, { metrics: ['EN', 'SSIM'] }); // { EN: 6, SSIM: 2 }
 */
export function scoreTriplet<Id extends MetricId = MetricId>(
  triplet: Triplet,
  options: ScoreOptions<Id> = {},
): Record<Id, number> {
  const known = metricsOf(options.convention ?? 'evaluator');
  const ids = known.map(({ id }) => id);
  const wanted: readonly MetricId[] = options.metrics ?? ids;
  for (const id of wanted) expectOneOf('scoreTriplet', 'metrics', id, ids);
  const images = grayTripletOf('scoreTriplet', triplet);
  const scores = known
    .filter(({ id }) => wanted.includes(id))
    .map(({ id, compute }) => [id, compute(images)] as const);
  return Object.fromEntries(scores) as Record<Id, number>;
}
