import type { AttentionSums, Ops, Tensor } from '@refusion/autodiff';
import type { Params } from '@refusion/core';
import type { NetworkConfig } from './config.js';
import { fusedImage, sourceFeatures } from './fusion.js';
import { type Both, fusionModuleMaps, fusionModuleOutput, fusionModuleSums } from './layers/fusion-module.js';
import { blockMap, blockOutput, blockSums } from './layers/transformer-block.js';

/** What a link needs of the whole picture before it can be applied to a part of it. */
export interface LinkAttention {
  /** Channels of each attention. */
  readonly channels: readonly number[];
  /**
   * The sums over a strip.
   *
   * @param inputs the link's inputs, with one row more at each inner border
   * @param rows `[1, h, 1, 1]`: 1 for rows to count, 0 for those that only show the counted ones their neighbours
   */
  sums(ops: Ops, params: Params<Tensor>, inputs: readonly Tensor[], rows: Tensor): readonly AttentionSums[];
  /** The attention maps, each `[B, C, C]`, from the sums over the whole picture. */
  maps(ops: Ops, params: Params<Tensor>, sums: readonly AttentionSums[]): readonly Tensor[];
}

/** A part of F between two sums over the whole picture. */
export interface Link {
  readonly name: string;
  /** How many rows of its output at an inner border of a strip are wrong, for want of their neighbours. */
  readonly halo: number;
  /** The channels of each image that it gives. */
  readonly channels: readonly number[];
  /** `null` for a link that looks at neighbours alone. */
  readonly attention: LinkAttention | null;
  apply(
    ops: Ops,
    params: Params<Tensor>,
    inputs: readonly Tensor[],
    maps: readonly Tensor[],
  ): readonly Tensor[];
}

/**
 * The fusion network as a chain of links, for pictures that are too large to be evaluated whole: F is what the links
 * make of `[a, b]` one after the other. Each is a composition of the functions that `fusion` is made of. What reaches
 * over the whole picture, the attention, is in the small maps alone, so with given maps a link can be applied to one
 * horizontal strip after the other. Zero padding holds at the picture's own borders; at the others a strip needs
 * `halo` rows more than it is to give.
 */
export function fusionChain({ dim, blocks }: NetworkConfig): readonly Link[] {
  const numbers = Array.from({ length: blocks }, (_unused, i) => i);
  return [
    sourceLink(dim),
    ...numbers.map((i) => blocksLink(`encoder.${i}`, [`encoder1.${i}`, `encoder2.${i}`], dim)),
    moduleLink(dim),
    ...numbers.map((i) => blocksLink(`decoder.${i}`, [`decoder.${i}`], 2 * dim)),
    imageLink(),
  ];
}

function sourceLink(dim: number): Link {
  return {
    name: 'sources',
    halo: 1,
    channels: [dim, dim],
    attention: null,
    apply: (ops, params, inputs) =>
      ([1, 2] as const).map((source) => sourceFeatures(ops, params, source, inputs[source - 1] as Tensor)),
  };
}

/** Blocks side by side. */
function blocksLink(name: string, prefixes: readonly string[], width: number): Link {
  const channels = prefixes.map(() => width);
  const each = <T>(make: (prefix: string, i: number) => T): T[] => prefixes.map(make);
  return {
    name,
    halo: 2,
    channels,
    attention: {
      channels,
      sums: (ops, params, x, rows) =>
        each((prefix, i) => blockSums(ops, params, prefix, x[i] as Tensor, rows)),
      maps: (ops, params, sums) =>
        each((prefix, i) => blockMap(ops, params, prefix, sums[i] as AttentionSums)),
    },
    apply: (ops, params, x, maps) =>
      each((prefix, i) => blockOutput(ops, params, prefix, x[i] as Tensor, maps[i] as Tensor)),
  };
}

function moduleLink(dim: number): Link {
  const both = <T>(of: readonly T[]): Both<T> => [of[0] as T, of[1] as T];
  return {
    name: 'FM',
    halo: 2,
    channels: [2 * dim],
    attention: {
      channels: [dim, dim],
      sums: (ops, params, x, rows) => fusionModuleSums(ops, params, both(x), rows),
      maps: (ops, params, sums) => fusionModuleMaps(ops, params, both(sums)),
    },
    apply: (ops, params, x, maps) => [fusionModuleOutput(ops, params, both(x), both(maps))],
  };
}

function imageLink(): Link {
  return {
    name: 'image',
    halo: 2,
    channels: [1],
    attention: null,
    apply: (ops, params, inputs) => [fusedImage(ops, params, inputs[0] as Tensor)],
  };
}
