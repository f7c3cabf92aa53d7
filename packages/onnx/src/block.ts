import { OptionError } from '@refusion/core';

/** How many channels onnxruntime may store side by side: what a vector register of a kind of processor holds. */
export const BLOCKS = [4, 8, 16] as const;
export type Block = (typeof BLOCKS)[number];

/** @throws OptionError unless it is a block */
export function expectBlock(where: string, block: number): void {
  if (BLOCKS.some((known) => known === block)) return;
  throw new OptionError(`${where}: block must be one of ${BLOCKS.join(', ')}, got ${block}`);
}
