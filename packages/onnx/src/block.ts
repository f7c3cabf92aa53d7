/** How many channels onnxruntime may store side by side: what a vector register of a kind of processor holds. */
export const BLOCKS = [4, 8, 16] as const;
export type Block = (typeof BLOCKS)[number];
