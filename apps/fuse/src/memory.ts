import { totalmem } from 'node:os';
import { OptionError } from '@refusion/core';
import type { SourcePicture } from '@refusion/image-io';
import type { Fuse } from '@refusion/pipeline';

/** The default of `--max-memory`: half of what the machine, or the container, has. */
export function defaultMemory(): number {
  // 0 or absurdly much where nothing is limited.
  const limit = process.constrainedMemory?.() ?? 0;
  return Math.floor(Math.min(totalmem(), limit > 0 ? limit : Number.POSITIVE_INFINITY) / 2);
}

/** Bytes a pixel of the output before and after its tone, and of a picture while it is encoded. */
const OUTPUT_BYTES = 12;
/** What the program grows by beside pictures and features: code that is compiled, buffers of decoders. */
const RESERVE = 120e6;

/** Deals out memory to the evaluation of pictures. */
export type MemoryBudget = (a: SourcePicture, b: SourcePicture) => number;

/**
 * What is left of the process's memory for evaluating a network, once everything else has its own.
 * @param most the most that the whole process may take, in bytes
 * @param base what it takes before the first picture is read
 * @throws OptionError, from the budget, if that is too little for a picture
 */
export function memoryBudget(fuse: Fuse, most: number, base = process.memoryUsage.rss()): MemoryBudget {
  return (a, b) => {
    const [height, width] = a.shape;
    const others = base + RESERVE + a.data.byteLength + b.data.byteLength + height * width * OUTPUT_BYTES;
    const least = fuse.leastMemory(height, width);
    if (most - others < least) {
      const needed = Math.ceil((others + least) / 1e6);
      throw new OptionError(
        `--max-memory is too little for a picture of ${width}x${height}, the least that works is ${needed}MB`,
      );
    }
    return most - others;
  };
}
