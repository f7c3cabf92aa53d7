import { expectInteger, OptionError } from '@refusion/core';
import { fusionChain, type Link, type NetworkConfig } from '@refusion/networks';
import { haloOf, passesOf } from './passes.js';

/** How a picture is cut and what is kept between passes. */
export interface StripPlan {
  /** Rows of a strip. */
  readonly stripHeight: number;
  /** The features of the first so many rows are kept between passes; those of the others are computed again. */
  readonly keptRows: number;
}

export interface PlanStripsOptions {
  readonly height: number;
  readonly width: number;
  /** The size of F. */
  readonly config: NetworkConfig;
  /** The bytes that features and what computes may take. */
  readonly bytes: number;
  /** How many bytes the engine holds for each pixel of a strip at its busiest. */
  readonly bytesPerPixel: number;
  /** The most that the engine itself can hold. Default: no limit. */
  readonly engineBytes?: number;
}

/** The bytes of a float32 number. */
const BYTES = 4;

/**
 * Chooses strips for a picture: of all strip heights that fit, the one with the least work. A higher strip has fewer
 * rows in its halo, and a lower one leaves more memory for features, which then need not be computed again.
 *
 * @throws OptionError if not even strips of one row fit, with the least that works
 */
export function planStrips(options: PlanStripsOptions): StripPlan {
  const { height, width, config, bytes, engineBytes = Number.POSITIVE_INFINITY } = options;
  expectInteger('planStrips', 'height', height, 1);
  expectInteger('planStrips', 'width', width, 1);
  const chain = fusionChain(config);
  const keptRow = keptRowBytes(width, config);
  let best: (StripPlan & { readonly work: number }) | null = null;
  // Where all rows are kept, strips never reach as far as they do where features are computed again.
  for (const all of [false, true]) {
    for (const stripHeight of heightsUpTo(height)) {
      const working = workingBytes(chain, stripHeight, all, options);
      const left = bytes - working.engine - working.waiting;
      if (left < (all ? height * keptRow : 0) || working.engine > engineBytes) break;
      const keptRows = Math.min(height, Math.floor(left / keptRow));
      const work = workOf(chain, height, { stripHeight, keptRows });
      if (!best || work < best.work) best = { stripHeight, keptRows, work };
    }
  }
  if (!best) {
    throw new OptionError(
      `planStrips: ${Math.max(0, Math.floor(Math.min(bytes, engineBytes)))} bytes are too few for a picture of ${width}x${height}, the least that works is ${leastStripBytes(options)}`,
    );
  }
  // As many strips, but of equal heights.
  const strips = Math.ceil(height / best.stripHeight);
  return { stripHeight: Math.ceil(height / strips), keptRows: best.keptRows };
}

/** The least bytes with which `planStrips` finds a plan. */
export function leastStripBytes(options: Omit<PlanStripsOptions, 'bytes' | 'engineBytes'>): number {
  const { height, width, config } = options;
  const chain = fusionChain(config);
  const [computedAgain, kept] = [false, true].map((all) => {
    const { engine, waiting } = workingBytes(chain, 1, all, options);
    return engine + waiting + (all ? height * keptRowBytes(width, config) : 0);
  });
  return Math.min(computedAgain as number, kept as number);
}

/** Steps of about a fifth are close enough to the best height, and few. */
function heightsUpTo(height: number): number[] {
  const heights: number[] = [];
  for (let h = 1; h < height; h = Math.ceil(h * 1.2)) heights.push(h);
  return [...heights, height];
}

/** What the engine holds while it computes a strip, and what kept rows take that wait for their place. */
function workingBytes(
  chain: readonly Link[],
  stripHeight: number,
  allKept: boolean,
  { height, width, config, bytesPerPixel }: Omit<PlanStripsOptions, 'bytes' | 'engineBytes'>,
): { engine: number; waiting: number } {
  const halos = passesOf(chain).map((pass) => haloOf(chain, allKept ? pass.kept : -1, pass));
  const halo = Math.max(...halos);
  const rows = Math.min(height, stripHeight + 2 * halo);
  const waiting = Math.min(height, stripHeight + rows);
  return { engine: width * rows * bytesPerPixel, waiting: waiting * keptRowBytes(width, config) };
}

/** The features of one row: those of both encoders, or of the decoder, which is twice as wide. */
function keptRowBytes(width: number, { dim }: NetworkConfig): number {
  return width * 2 * dim * BYTES;
}

/** The work of a plan: rows of one block, over all passes. */
function workOf(chain: readonly Link[], height: number, { stripHeight, keptRows }: StripPlan): number {
  const share = keptRows / height;
  return passesOf(chain).reduce((total, pass) => {
    const from = (start: number): number => {
      const rows = Math.min(height, stripHeight + 2 * haloOf(chain, start, pass));
      const links = chain.slice(start + 1, pass.to + 1).reduce((sum, link) => sum + linkWork(link), 0);
      return (links + (pass.sums ? SUMS_WORK : 0)) * (rows / stripHeight);
    };
    return total + height * (share * from(pass.kept) + (1 - share) * from(-1));
  }, 0);
}

/** The work of sums and of a link without attention, in blocks: rough, for choosing between plans alone. */
const SUMS_WORK = 0.3;
const PLAIN_WORK = 0.2;

function linkWork({ attention }: Link): number {
  return attention ? 1 : PLAIN_WORK;
}
