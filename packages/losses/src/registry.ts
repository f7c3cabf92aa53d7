import { averageLoss } from './average.js';
import type { FusionLoss } from './interface.js';
import { learnableLoss } from './learnable.js';
import { learnableIntensityLoss } from './learnable-intensity.js';
import { maximumLoss } from './maximum.js';
import { ssimLoss } from './ssim.js';

/** The fusion losses of this package, by name. */
export const FUSION_LOSSES = {
  learnable: learnableLoss,
  'learnable-intensity': learnableIntensityLoss,
  average: averageLoss,
  maximum: maximumLoss,
  ssim: ssimLoss,
} satisfies { readonly [name: string]: FusionLoss };
