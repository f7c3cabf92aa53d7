import type { Pair, PairRanges } from '@refusion/data/node';
import type { Tone } from '@refusion/pipeline';
import type { TaskName } from './tasks.js';

export interface FusePairOptions {
  /** The folder for results; it must exist. */
  readonly out: string;
  /** Whether to write the network's output beside each picture. */
  readonly raw: boolean;
  readonly tone: Tone;
  readonly ranges: PairRanges;
  /** What the sources are, where it is known. */
  readonly task: TaskName | null;
}

/** A pair that was fused. */
export interface FusedPair {
  readonly stem: string;
  readonly width: number;
  readonly height: number;
  /** The picture's path. */
  readonly file: string;
  /** The path of the network's output; `null` where it was not asked for. */
  readonly raw: string | null;
  /** From reading the sources to having written the results. */
  readonly seconds: number;
}

/** Where a pair's fuser tells what happens meanwhile. */
export interface Told {
  /** Something odd, in a line. */
  readonly log: (line: string) => void;
  /** How much of a picture that is evaluated in strips is done, from 0 to 1. */
  readonly share?: (share: number) => void;
}

/** Reads, fuses and writes one pair. */
export type PairFuser = (pair: Pair, told: Told) => Promise<FusedPair>;

/** What became of a pair: an error concerns this pair alone. */
export type PairOutcome = { readonly fused: FusedPair } | { readonly error: unknown };

/** Reads, fuses and writes some pairs, and gives what became of each, in their order. */
export type ChunkFuser = (pairs: readonly Pair[], told: Told) => Promise<readonly PairOutcome[]>;
