export { type BootstrapOptions, bootstrapMeans, percentileInterval } from './bootstrap.js';
export { holm } from './holm.js';
export { averageRanks } from './ranks.js';
export { mean, median, sampleDeviation } from './summary.js';
export { leastSignedRankP, type SignedRankTest, wilcoxonSignedRank } from './wilcoxon.js';
