import { expectOneOf } from '@refusion/core';
import { AG } from './average-gradient.js';
import { EN } from './entropy.js';
import type { Metric } from './metric.js';
import { SCD } from './scd.js';
import { SF } from './spatial-frequency.js';
import { SSIM } from './ssim.js';
import { SD } from './standard-deviation.js';

/** The metrics of the `evaluator` convention, in the order of the papers' tables. */
export const METRICS = [EN, SD, SF, AG, SCD, SSIM] as const;

/** The short name of a metric. */
export type MetricId = (typeof METRICS)[number]['id'];

/**
 * A named set of definitions. `evaluator`: the Python Evaluator of CDDFuse, TDFusion and ReFusion, numbers that their
 * tables can be compared with.
 */
export type Convention = 'evaluator';

// A further convention is one more line here: a list of descriptors, those that it shares with this one included.
const REGISTRY: Readonly<Record<Convention, readonly Metric<MetricId>[]>> = { evaluator: METRICS };

/** The names of the conventions. */
export const CONVENTIONS = Object.keys(REGISTRY) as readonly Convention[];

/**
 * The metrics of a convention, in the order of the papers' tables.
 * @throws OptionError for a convention that does not exist
 */
export function metricsOf(convention: Convention): readonly Metric<MetricId>[] {
  expectOneOf('metricsOf', 'convention', convention, CONVENTIONS);
  return REGISTRY[convention];
}
