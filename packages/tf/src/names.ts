/** The engines of this package, named after TensorFlow.js's backends; the first is the default. */
export const ENGINES = ['wasm', 'tensorflow', 'webgpu', 'cpu'] as const;

/** The name of an engine. */
export type EngineName = (typeof ENGINES)[number];

/** Whose kernels an engine runs. */
export const KERNEL_CHOICES = ['own', 'stock'] as const;

export type KernelChoice = (typeof KERNEL_CHOICES)[number];
