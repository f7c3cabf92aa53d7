import { expectOneOf, ShapeError } from '@refusion/core';
import type { Convention } from './convention.js';
import { type GrayTriplet, grayTripletOf, type Triplet } from './gray.js';
import type { Metric } from './metric.js';
import { MetricError } from './metric-error.js';
import { METRIC_IDS, type MetricId, metricsOf, PAPER_METRICS, type PaperMetricId } from './registry.js';

/** What to score, and by whose definitions. */
export interface ScoreOptions<Id extends MetricId = PaperMetricId> {
  /** The metrics wanted; those of the paper's tables by default, `PAPER_METRICS`. */
  readonly metrics?: readonly Id[];
  /** `evaluator` by default. */
  readonly convention?: Convention;
}

/**
 * Scores a fused image by several metrics, which share the checks, the conversion to float64 and what they have in common.
 *
 * @param triplet gray images `[H, W]` of one shape, values 0..255: the fused one, its two sources and, for the metrics that
 *   compare with it, the ground truth
 * @returns the scores by the metrics' short names, in the order of `METRICS`
 * @throws ShapeError unless the images are `[H, W]` and of one shape; MetricError unless they are large enough for every metric
 *   wanted
 * @throws OptionError for an unknown metric or convention, a value that does not round to 0..255, or a missing truth
 * @example
 * const image = { data: Uint8Array.from({ length: 64 }, (_, i) => 4 * i), shape: [8, 8] };
 * scoreTriplet({ fused: image, a: image, b: image }, { metrics: ['EN', 'SSIM'] }); // { EN: 6, SSIM: 2 }
 */
export function scoreTriplet<Id extends MetricId = PaperMetricId>(
  triplet: Triplet,
  { metrics, convention = 'evaluator' }: ScoreOptions<Id> = {},
): Record<Id, number> {
  const wanted: readonly MetricId[] = metrics ?? PAPER_METRICS;
  for (const id of wanted) expectOneOf('scoreTriplet', 'metrics', id, METRIC_IDS);
  const chosen = metricsOf(convention, wanted);
  const images = grayTripletOf('scoreTriplet', triplet);
  const scores = chosen.map((metric) => [metric.id, scoreBy(metric, images)] as const);
  return Object.fromEntries(scores) as Record<Id, number>;
}

/** @throws MetricError where the metric throws a ShapeError: it is by its short name that it was asked for. */
function scoreBy({ id, compute }: Metric, images: GrayTriplet): number {
  try {
    return compute(images);
  } catch (error) {
    throw error instanceof ShapeError ? new MetricError(id, error) : error;
  }
}
