/** How a model's output becomes an 8-bit picture; the first is the default. */
export const TONES = ['stretch', 'clip'] as const;

export type RunTone = (typeof TONES)[number];
