export { averageGradient } from './average-gradient.js';
export { CONVENTIONS, type Convention } from './convention.js';
export { correlationCoefficient } from './correlation-coefficient.js';
export { entropy } from './entropy.js';
export { fmi } from './fmi.js';
export { preparedImage, type Triplet } from './gray.js';
export { maeToTruth } from './mae-to-truth.js';
export { meanSquaredError } from './mean-squared-error.js';
export type { Combine, Metric } from './metric.js';
export { MetricError } from './metric-error.js';
export { msSsim } from './ms-ssim.js';
export { mutualInformation } from './mutual-information.js';
export { nabf } from './nabf.js';
export { normalisedMutualInformation } from './normalised-mutual-information.js';
export { psnr } from './psnr.js';
export { psnrToTruth } from './psnr-to-truth.js';
export { qabf } from './qabf.js';
export {
  METRIC_IDS,
  METRICS,
  type MetricId,
  metricsOf,
  PAPER_METRICS,
  type PaperMetricId,
} from './registry.js';
export { scd } from './scd.js';
export { type ScoreOptions, scoreTriplet } from './score-triplet.js';
export { spatialFrequency } from './spatial-frequency.js';
export { ssim } from './ssim.js';
export { ssimToTruth } from './ssim-to-truth.js';
export { standardDeviation } from './standard-deviation.js';
export { vif } from './vif.js';
