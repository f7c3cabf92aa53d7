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
/** What fusing grows by beside pictures and features: code that is compiled, buffers of decoders. */
const RESERVE = 120e6;

/**
 * Deals out memory to the evaluation of so many pairs of one size.
 * @throws OptionError if there is too little even for strips
 */
export type MemoryBudget = (a: SourcePicture, b: SourcePicture, pairs?: number) => number;

/** The memory of a process, and who shares it. */
export interface MemoryShare {
  /** The most that the whole process may take, in bytes. */
  readonly most: number;
  /** What it takes before the first picture is read. */
  readonly base: number;
  /** How many fuse pairs at the same time. */
  readonly jobs: number;
}

/** What is left of the memory for evaluating a network, once everything else has its own. */
export function memoryBudget(fuse: Fuse, { most, base, jobs }: MemoryShare): MemoryBudget {
  return (a, b, pairs = 1) => {
    const [height, width] = a.shape;
    const others = othersOf(height, width, a.data.byteLength + b.data.byteLength) * pairs;
    const left = (most - base) / jobs - RESERVE - others;
    const least = fuse.leastMemory(height, width);
    if (left >= least) return left;
    const needed = Math.ceil((base + jobs * (RESERVE + others + least)) / 1e6);
    throw new OptionError(
      `--max-memory is too little for a picture of ${width}x${height}, the least that works ${jobs > 1 ? `with --jobs ${jobs} ` : ''}is ${needed}MB`,
    );
  };
}

function othersOf(height: number, width: number, sources: number): number {
  return sources + height * width * OUTPUT_BYTES;
}

/** How many pictures of a size can be evaluated whole at the same time. */
export function wholeAtATime(fuse: Fuse, { most, base }: MemoryShare, a: SourcePicture): number {
  const [height, width] = a.shape;
  const one = RESERVE + othersOf(height, width, 2 * a.data.byteLength) + fuse.wholeMemory(height, width);
  return Math.floor((most - base) / one);
}
