import {
  expectInteger,
  expectSameShape,
  type NdArray,
  OptionError,
  type Rng,
  ShapeError,
  sizeOf,
} from '@refusion/core';
import type { MappedPair, PairSource } from './pair-source.js';

/** Maps `[B, H, W, 1]` by name. */
export type Maps<Name extends string> = { readonly [name in Name]: NdArray<Float32Array> };

/** Gray pictures `[B, H, W, 1]`, float32, in [0, 1]. */
export interface PairBatch<Name extends string = never> extends Maps<'a' | 'b'> {
  /**
   * What an objective compares with: the sources in the order of a reconstruction, where `a` and `b` are in another,
   * and the further maps that were asked for.
   */
  readonly targets?: Maps<'a' | 'b' | Name>;
  /** What the pairs are called, for messages. */
  readonly names?: readonly string[];
}

export interface CropOptions<Name extends string = never> {
  /** The side of the crops, in pixels. */
  readonly crop: number;
  /** Also turn and mirror every crop at random: the 8 symmetries of the square. Default false. */
  readonly symmetries?: boolean;
  /** Places the crops, in the order of the indices. */
  readonly rng: Rng;
  /** Further maps of the pairs, such as `labels`, that the batch's targets carry along. Default: none. */
  readonly maps?: readonly Name[];
}

/**
 * A batch of square crops, one of each pair named, at random places; a, b and all maps of a pair are cut alike.
 * @param indices the pairs' numbers; a number given twice gives two crops.
 * @returns `[B, crop, crop, 1]`.
 * @throws ShapeError if a pair is smaller than the crop, or of two sizes; OptionError if there are no indices or a pair
 * lacks a map.
 */
export async function cropBatch<Name extends string = never>(
  source: PairSource<MappedPair<NoInfer<Name>>>,
  indices: readonly number[],
  { crop, symmetries = false, rng, maps = [] }: CropOptions<Name>,
): Promise<PairBatch<Name>> {
  expectInteger('cropBatch', 'crop', crop, 1);
  if (indices.length === 0) throw new OptionError('cropBatch: indices must name at least one pair, got none');
  const pairs = await Promise.all(indices.map((index) => source.pair(index)));
  const names = ['a', 'b', ...maps] as const;
  const shape = [indices.length, crop, crop, 1];
  const empty = names.map((name) => [name, { data: new Float32Array(sizeOf(shape)), shape }] as const);
  const cut: Maps<string> = Object.fromEntries(empty);
  const titles = indices.map((index) => source.name(index));
  pairs.forEach((pair, i) => {
    const pictures = names.map((name) => mapOf(pair, name, titles[i] as string));
    const [height = 0, width = 0] = pair.a.shape;
    expectRoom(titles[i] as string, height, width, crop);
    const [top, left] = [rng.integer(height - crop + 1), rng.integer(width - crop + 1)];
    const window = { start: top * width + left, down: width, right: 1 };
    const steps = symmetries ? turned(window, crop, rng.integer(8)) : window;
    names.forEach((name, n) => {
      const to = (cut[name] as NdArray<Float32Array>).data.subarray(i * crop * crop);
      copyWindow((pictures[n] as NdArray).data, steps, to, crop);
    });
  });
  const { a, b } = cut as Maps<'a' | 'b' | Name>;
  const targets = maps.length > 0 ? { targets: cut as Maps<'a' | 'b' | Name> } : {};
  return { a, b, ...targets, names: titles };
}

/** A picture or a further map of a pair. */
function mapOf<Name extends string>(pair: MappedPair<Name>, name: 'a' | 'b' | Name, title: string): NdArray {
  const map = pair[name] as NdArray | null | undefined;
  if (!map) throw new OptionError(`cropBatch: the pair "${title}" has no map "${name}"`);
  expectSameShape('cropBatch', name, map, 'a', pair.a);
  return map;
}

function expectRoom(title: string, height: number, width: number, crop: number): void {
  if (height >= crop && width >= crop) return;
  throw new ShapeError(
    `"${title}" has ${width}x${height} pixels, less than the crop of ${crop}x${crop}; choose a smaller crop or leave the pair out`,
  );
}

/** Where a window begins in a picture, and how far it is from a pixel to the next below and to the next at its right. */
interface Steps {
  readonly start: number;
  readonly down: number;
  readonly right: number;
}

/** One of the 8 symmetries of a window: upside down, mirrored and transposed, each or not. */
function turned({ start, down, right }: Steps, crop: number, symmetry: number): Steps {
  const [flip, mirror, transpose] = [symmetry & 1, symmetry & 2, symmetry & 4];
  const corner = start + (flip ? (crop - 1) * down : 0) + (mirror ? (crop - 1) * right : 0);
  const [along, across] = [flip ? -down : down, mirror ? -right : right];
  return transpose
    ? { start: corner, down: across, right: along }
    : { start: corner, down: along, right: across };
}

function copyWindow(
  from: ArrayLike<number>,
  { start, down, right }: Steps,
  to: Float32Array,
  crop: number,
): void {
  for (let row = 0; row < crop; row++) {
    for (let column = 0; column < crop; column++) {
      to[row * crop + column] = from[start + row * down + column * right] as number;
    }
  }
}

/**
 * Doubles a batch: each pair as it is and, in the second half, with its sources exchanged. The targets keep their order
 * (the authors' "switch").
 */
export function switchSources<Name extends string = never>(batch: PairBatch<Name>): PairBatch<Name> {
  const { a, b } = batch;
  const targets = batch.targets ?? ({ a, b } as Maps<'a' | 'b' | Name>);
  const doubled = Object.entries<NdArray<Float32Array>>(targets).map(([name, x]) => [name, joined(x, x)]);
  return {
    ...batch,
    a: joined(a, b),
    b: joined(b, a),
    targets: Object.fromEntries(doubled) as Maps<'a' | 'b' | Name>,
  };
}

function joined(first: NdArray<Float32Array>, second: NdArray<Float32Array>): NdArray<Float32Array> {
  const data = new Float32Array(first.data.length + second.data.length);
  data.set(first.data);
  data.set(second.data, first.data.length);
  const [count = 0, ...image] = first.shape;
  return { data, shape: [2 * count, ...image] };
}
