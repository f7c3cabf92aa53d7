export { averageLoss } from './average.js';
export { type FusionLoss, type LossTerms, lossTerms, type Proposal, type Sources } from './interface.js';
export { learnableLoss } from './learnable.js';
export { learnableIntensityLoss } from './learnable-intensity.js';
export { maximumEdgeDistance, maximumLoss } from './maximum.js';
export { reconstructionLoss } from './reconstruction.js';
export { FUSION_LOSSES } from './registry.js';
export { ssimLoss, structuralSimilarity } from './ssim.js';
export { weightedSquares, weightsOf } from './weighted.js';
