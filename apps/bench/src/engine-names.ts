import { ENGINES as TF_ENGINES } from '@refusion/tf/names';

/** What trains: onnxruntime, and the engines of TensorFlow.js. */
export const ENGINES = ['onnx', ...TF_ENGINES] as const;

/** The float64 engine, the truth, those that train, and onnxruntime by public operators alone. */
export const VERIFIABLE = ['reference', ...ENGINES, 'onnx-public'] as const;

export type VerifiableEngine = (typeof VERIFIABLE)[number];

/** What `bench verify --engine` takes. */
export const ENGINE_CHOICES = [...VERIFIABLE, 'all'] as const;
