import { expectOneOf } from '@refusion/core';
import { AG, AG_MATLAB, AG_STANDARD } from './average-gradient.js';
import { type Convention, inConvention } from './convention.js';
import { CC, CC_MATLAB } from './correlation-coefficient.js';
import { EN } from './entropy.js';
import { FMI } from './fmi.js';
import { MAE_R } from './mae-to-truth.js';
import { MSE, MSE_MATLAB } from './mean-squared-error.js';
import type { Metric } from './metric.js';
import { MS_SSIM } from './ms-ssim.js';
import { MI, MI_BITS } from './mutual-information.js';
import { NABF } from './nabf.js';
import { NMI } from './normalised-mutual-information.js';
import { PSNR, PSNR_MATLAB, PSNR_STANDARD } from './psnr.js';
import { PSNR_R } from './psnr-to-truth.js';
import { QABF, QABF_STANDARD } from './qabf.js';
import { SCD } from './scd.js';
import { SF, SF_STANDARD } from './spatial-frequency.js';
import { SSIM, SSIM_GAUSSIAN } from './ssim.js';
import { SSIM_R } from './ssim-to-truth.js';
import { SD } from './standard-deviation.js';
import { VIF, VIF_MATLAB, VIF_STANDARD } from './vif.js';

/**
 * The metrics of the `evaluator` convention: those of the paper's tables, the rest of the Evaluator's, others of the field,
 * and those that need a ground truth.
 */
export const METRICS = [
  ...([EN, SD, SF, AG, SCD, SSIM] as const),
  ...([MI, VIF, QABF, CC, PSNR, MSE] as const),
  ...([NMI, NABF, MS_SSIM, FMI] as const),
  ...([PSNR_R, SSIM_R, MAE_R] as const),
] as const;

/** The short name of a metric. */
export type MetricId = (typeof METRICS)[number]['id'];

/** The short names of the metrics, in the order of `METRICS`. */
export const METRIC_IDS: readonly MetricId[] = METRICS.map(({ id }) => id);

/** The short names of the metrics in the paper's tables, which are scored by default. */
export const PAPER_METRICS = ['EN', 'SD', 'SF', 'AG', 'SCD', 'SSIM'] as const satisfies readonly MetricId[];

/** The short name of a metric in the paper's tables. */
export type PaperMetricId = (typeof PAPER_METRICS)[number];

// A further convention is one more list here, in the same order; what it shares with the others stands in all of them.
const REGISTRY: Readonly<Record<Convention, readonly Metric<MetricId>[]>> = {
  evaluator: METRICS,
  matlab: [
    ...[EN, SD, SF, AG_MATLAB, SCD, SSIM_GAUSSIAN],
    ...[MI_BITS, VIF_MATLAB, QABF, CC_MATLAB, PSNR_MATLAB, MSE_MATLAB],
    ...[NMI, NABF, MS_SSIM, FMI],
    ...[PSNR_R, SSIM_R, MAE_R],
  ],
  standard: [
    ...[EN, SD, SF_STANDARD, AG_STANDARD, SCD, SSIM_GAUSSIAN],
    ...[MI_BITS, VIF_STANDARD, QABF_STANDARD, CC, PSNR_STANDARD, MSE],
    ...[NMI, NABF, MS_SSIM, FMI],
    ...[PSNR_R, SSIM_R, MAE_R],
  ],
};

/**
 * Metrics of a convention, in the order of `METRICS`.
 *
 * @param ids the metrics wanted; those of the paper's tables by default, all of them with `METRIC_IDS`
 * @throws OptionError for a convention or a metric that does not exist
 * @example
 * metricsOf('matlab', ['PSNR', 'MI']).map(({ unit }) => unit); // ['bit', 'dB']
 */
export function metricsOf(
  convention: Convention,
  ids: readonly MetricId[] = PAPER_METRICS,
): readonly Metric<MetricId>[] {
  const metrics = inConvention('metricsOf', convention, REGISTRY);
  for (const id of ids) expectOneOf('metricsOf', 'ids', id, METRIC_IDS);
  return metrics.filter(({ id }) => ids.includes(id));
}
