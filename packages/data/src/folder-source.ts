import { expectNotNegative, type NdArray } from '@refusion/core';
import { luminance, type SourcePicture } from '@refusion/image-io';
import type { Pair } from './list-pairs.js';
import { expectIndex, type GrayPair, type PairSource } from './pair-source.js';
import { readPair } from './read-pair.js';

const DEFAULT_CACHE_BYTES = 1024 ** 3;

/**
 * The pairs of `listPairs` as a source: luminance / 255. A decoded pair is kept in memory (8 bytes a pixel) as long as
 * all that is kept stays within `cacheBytes`; the others are read again each time they are asked for.
 * @param options `cacheBytes`: default 1 GiB.
 */
export function folderSource(
  pairs: readonly Pair[],
  { cacheBytes = DEFAULT_CACHE_BYTES }: { cacheBytes?: number } = {},
): PairSource {
  expectNotNegative('folderSource', 'cacheBytes', cacheBytes);
  const kept = new Map<number, GrayPair>();
  let keptBytes = 0;
  return {
    length: pairs.length,
    name: (index) => pairs[index]?.stem ?? String(index),
    pair: async (index) => {
      expectIndex('folderSource', index, pairs.length);
      const known = kept.get(index);
      if (known) return known;
      const { a, b } = await readPair(pairs[index] as Pair);
      const pair = { a: toUnit(a), b: toUnit(b) };
      const bytes = pair.a.data.byteLength + pair.b.data.byteLength;
      // Nothing is ever thrown out to make room: a pass over more than fits would throw out all that the next needs.
      if (!kept.has(index) && keptBytes + bytes <= cacheBytes) {
        kept.set(index, pair);
        keptBytes += bytes;
      }
      return pair;
    },
  };
}

function toUnit(source: SourcePicture): NdArray<Float32Array> {
  const { data, shape } = luminance(source);
  return { data: data.map((value) => value / 255), shape };
}
