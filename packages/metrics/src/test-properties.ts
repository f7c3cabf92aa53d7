import type { Convention } from './convention.js';
import type { MetricId } from './registry.js';

/** For tests and docs/conventions.md: how a score behaves when the images change. Null where nothing is meant to hold. */
export interface Properties {
  /** Whether the order of the sources matters. */
  readonly exchange: 'same' | null;
  /** The score where the fused image equals both sources and the truth; `'2 EN'`, twice its entropy. */
  readonly equal: number | '2 EN' | null;
  /** All images brighter by the same number of gray levels. */
  readonly brighter: 'same' | null;
  /** All gray levels multiplied by k: the score is multiplied by k to this power, or loses 20 log10 k decibels. */
  readonly contrast: number | 'dB' | null;
  /** Ever more noise in the fused image. */
  readonly noise: 'worse' | 'rises' | null;
  /** Ever more blur in the fused image. */
  readonly blur: 'worse' | null;
}

const OF_FUSED = { exchange: 'same', equal: null, brighter: 'same', noise: 'rises', blur: 'worse' } as const;
const OF_LIKENESS = { exchange: 'same', noise: 'worse', blur: 'worse' } as const;
const SIMILARITY = { ...OF_LIKENESS, brighter: null, contrast: null } as const;

/** In the `evaluator` convention. */
const EVALUATOR: Readonly<Record<MetricId, Properties>> = {
  EN: { ...OF_FUSED, contrast: 0, blur: null },
  SD: { ...OF_FUSED, contrast: 1 },
  SF: { ...OF_FUSED, contrast: 1 },
  AG: { ...OF_FUSED, contrast: 1 },
  SCD: { exchange: 'same', equal: Number.NaN, brighter: 'same', contrast: 0, noise: 'worse', blur: null },
  SSIM: { ...SIMILARITY, equal: 2 },
  MI: { ...OF_LIKENESS, equal: '2 EN', brighter: 'same', contrast: 0 },
  // Its noise of 2 has a scale.
  VIF: { ...OF_LIKENESS, equal: 2, brighter: 'same', contrast: null },
  // The zeros around the image make edges that are as strong as it is bright. Equal edges count by their strength.
  Qabf: { ...OF_LIKENESS, equal: null, brighter: null, contrast: null },
  CC: { ...OF_LIKENESS, equal: 1, brighter: 'same', contrast: 0 },
  // The peak is that of the fused image.
  PSNR: { ...OF_LIKENESS, equal: Number.POSITIVE_INFINITY, brighter: null, contrast: 0 },
  MSE: { ...OF_LIKENESS, equal: 0, brighter: 'same', contrast: 2 },
  NMI: { ...OF_LIKENESS, equal: 2, brighter: 'same', contrast: 0 },
  // Its threshold has a scale, and blur makes no edges.
  Nabf: { exchange: 'same', equal: 0, brighter: 'same', contrast: null, noise: 'worse', blur: null },
  'MS-SSIM': { ...SIMILARITY, equal: 1 },
  FMI: { ...OF_LIKENESS, equal: 1, brighter: 'same', contrast: 0 },
  'PSNR-R': { ...OF_LIKENESS, equal: Number.POSITIVE_INFINITY, brighter: 'same', contrast: 'dB' },
  'SSIM-R': { ...SIMILARITY, equal: 1 },
  'MAE-R': { ...OF_LIKENESS, equal: 0, brighter: 'same', contrast: 1 },
};

/** What differs in the other conventions. */
const DIFFERENT: Readonly<
  Record<Convention, { readonly [id in MetricId]?: Partial<Properties> | undefined }>
> = {
  evaluator: {},
  matlab: {
    SSIM: { equal: 1 },
    // The toolbox subtracts the mean of the first source from both.
    CC: { exchange: null },
    PSNR: { brighter: 'same', contrast: 'dB' },
  },
  standard: {
    SSIM: { equal: 1 },
    VIF: { equal: 1 },
    Qabf: { equal: 0.9747936249694976, contrast: 0 },
    PSNR: { brighter: 'same', contrast: 'dB' },
  },
};

/** The properties of a metric in a convention. */
export function propertiesOf(convention: Convention, id: MetricId): Properties {
  return { ...EVALUATOR[id], ...DIFFERENT[convention][id] };
}
