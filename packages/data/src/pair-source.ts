import { type NdArray, OptionError } from '@refusion/core';

/** Two registered gray pictures of one scene, both `[H, W]`, in [0, 1]. */
export interface GrayPair {
  readonly a: NdArray<Float32Array>;
  readonly b: NdArray<Float32Array>;
}

/** A pair with further maps of its pixels, by name, each `[H, W]`: labels, a truth. Null where this pair has none. */
export type MappedPair<Name extends string> = GrayPair & { readonly [name in Name]: NdArray | null };

/** Pairs by number, from wherever they come: folders, a generator, memory. */
export interface PairSource<P extends GrayPair = GrayPair> {
  readonly length: number;
  /** What the pair is called in messages. */
  name(index: number): string;
  /** @throws OptionError if there is no such pair. */
  pair(index: number): Promise<P>;
}

/** @throws OptionError unless `index` numbers one of `length` pairs. */
export function expectIndex(where: string, index: number, length: number): void {
  if (Number.isInteger(index) && index >= 0 && index < length) return;
  throw new OptionError(`${where}: index must be a whole number from 0 to ${length - 1}, got ${index}`);
}
