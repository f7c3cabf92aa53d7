import { totalmem } from 'node:os';
import { OptionError } from '@refusion/core';
import type { SourcePicture } from '@refusion/image-io';
import type { Fuse } from '@refusion/pipeline';

/**
 * The most that the process may take: what the user says, or half of what the machine, or the container, has.
 * @throws OptionError if it cannot be kept, of a model that does not tell what it takes
 */
export function memoryLimit(given: number | undefined, { config }: Fuse, weights: string): number {
  if (given === undefined) return halfOfMachine();
  if (config) return given;
  throw new OptionError(
    `--max-memory cannot be kept with ${weights}, a model that does not tell what it takes: leave it out, or give a weight file`,
  );
}

function halfOfMachine(): number {
  // 0 or absurdly much where nothing is limited.
  const limit = process.constrainedMemory?.() ?? 0;
  return Math.floor(Math.min(totalmem(), limit > 0 ? limit : Number.POSITIVE_INFINITY) / 2);
}

/** Bytes a pixel of the output before and after its tone, and of a picture while it is encoded. */
const OUTPUT_BYTES = 12;
/** What fusing grows by beside pictures and features: code that is compiled, buffers of decoders. */
const RESERVE = 120e6;

/** Pairs of one size that are to be fused. */
export interface Demand {
  readonly a: SourcePicture;
  readonly b: SourcePicture;
  /** How many pairs. */
  readonly pairs: number;
  /** The bytes of other sources that are in memory meanwhile. */
  readonly held: number;
}

/** Deals out memory to the evaluation of pairs. */
export interface MemoryBudget {
  /** What evaluating may take. @throws OptionError if there is too little even for strips */
  left(demand: Demand): number;
  /** How many of the pairs can be fused together: as many as fit, and one at least. */
  together(demand: Demand): number;
}

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
  const besideOf = ({ a, b, pairs, held }: Demand): number => {
    const [height, width] = a.shape;
    return RESERVE + held + othersOf(height, width, a.data.byteLength + b.data.byteLength) * pairs;
  };
  const leftOf = (demand: Demand): number => (most - base) / jobs - besideOf(demand);
  const leastOf = ({ a }: Demand): number => fuse.leastMemory(...(a.shape as readonly [number, number]));
  const wholeOf = ({ a }: Demand): number => fuse.wholeMemory(...(a.shape as readonly [number, number]));
  return {
    left: (demand) => {
      const [left, least] = [leftOf(demand), leastOf(demand)];
      if (left >= least) return left;
      const needed = base + jobs * (besideOf(demand) + least);
      throw new OptionError(tooLittle(demand, Math.ceil(needed / 1e6), jobs, fuse.inStrips));
    },
    together: (demand) => {
      const size = demand.a.data.byteLength + demand.b.data.byteLength;
      for (let pairs = demand.pairs; pairs > 1; pairs--) {
        const held = demand.held + (demand.pairs - pairs) * size;
        if (leftOf({ ...demand, pairs, held }) >= pairs * wholeOf(demand)) return pairs;
      }
      return 1;
    },
  };
}

function tooLittle({ a: { shape } }: Demand, megabytes: number, jobs: number, inStrips: boolean): string {
  const side = jobs > 1 ? `with --jobs ${jobs} ` : '';
  const whole = inStrips
    ? ''
    : ': a model takes pictures whole, the weight file that it was made of takes less';
  return `--max-memory is too little for a picture of ${shape[1]}x${shape[0]}, the least that works ${side}is ${megabytes}MB${whole}`;
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
