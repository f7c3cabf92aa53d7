import type { GraphNode } from '../../graph/node.js';
import type { Stored } from '../context.js';
import { channelsFirst, identityOrder } from '../order.js';
import type { BlockedContext, Four } from './context.js';
import { channelSum } from './convolution.js';
import { spreadOf } from './placement.js';
import { channelProducts } from './products.js';

type Numbers = readonly number[];

/** Axes of an image as they lie in `[B, C/block, H, W, block]`. */
const PLACES = [0, 2, 3, 1] as const;

function parts(context: BlockedContext, name: string, [b, h, w, c]: Four): string {
  return context.view(name, [b, c / context.block, h, w, context.block]);
}

function whole(context: BlockedContext, name: string, [b, h, w, c]: Four): string {
  return context.view(name, [b, c, h, w]);
}

/** Numbers of axes of an image as numbers of axes of its blocks. */
function byPlace(context: BlockedContext, numbers: Numbers): number[] {
  const placed = [0, 0, 0, 0, 0];
  for (const [axis, place] of PLACES.entries()) placed[place] = numbers[axis] as number;
  placed[1] = (placed[1] as number) / context.block;
  return placed;
}

export function concat(context: BlockedContext, node: GraphNode): string {
  const axis = node.attrs['axis'] as number;
  if (axis === 3 || axis === 0) {
    const images = node.inputs.map((input) => context.blocked(input));
    return context.writer.op('Concat', images, { axis: axis === 3 ? 1 : 0 });
  }
  const images = node.inputs.map((input) => parts(context, context.blocked(input), input.shape as Four));
  const joined = context.writer.op('Concat', images, { axis: PLACES[axis] as number });
  return whole(context, joined, node.shape as Four);
}

export function slice(context: BlockedContext, node: GraphNode): string {
  const { writer } = context;
  const x = node.inputs[0] as GraphNode;
  const begin = byPlace(context, node.attrs['begin'] as Numbers);
  const size = byPlace(context, node.shape);
  const full = byPlace(context, x.shape);
  const cut = [0, 1, 2, 3].filter((place) => size[place] !== full[place]);
  if (cut.length === 0) return context.blocked(x);
  const starts = cut.map((place) => begin[place] as number);
  const sliced = writer.op('Slice', [
    parts(context, context.blocked(x), x.shape as Four),
    writer.integers(starts),
    writer.integers(cut.map((place, i) => (starts[i] as number) + (size[place] as number))),
    writer.integers(cut),
  ]);
  return whole(context, sliced, node.shape as Four);
}

export function pad(context: BlockedContext, node: GraphNode): string {
  const x = node.inputs[0] as GraphNode;
  const widths = ['before', 'after'].flatMap((side) => byPlace(context, node.attrs[side] as Numbers));
  const image = parts(context, context.blocked(x), x.shape as Four);
  const padded = context.writer.op('Pad', [image, context.writer.integers(widths)]);
  return whole(context, padded, node.shape as Four);
}

/** A sum of a blocked image over its pixels, its samples and pixels, or its channels; null for others. */
export function sum(context: BlockedContext, node: GraphNode): Stored | null {
  const x = node.inputs[0] as GraphNode;
  if (!context.isBlocked(x)) return null;
  const [b, , , c] = x.shape as Four;
  const axes = `${node.attrs['axes'] as Numbers}`;
  if (axes === '3') {
    return { name: channelSum(context, context.blocked(x), x.shape as Four), order: channelsFirst(4) };
  }
  if (!['1,2', '0,1,2', '0,1,2,3'].includes(axes)) return null;
  const { writer } = context;
  const sums = context.view(pixelSums(context, x), [b, 1, 1, c]);
  const over = axes === '1,2' ? [] : [...(b > 1 ? [0] : []), ...(axes === '0,1,2,3' ? [3] : [])];
  const name =
    over.length > 0 ? writer.op('ReduceSum', [sums, writer.integers(over)], { keepdims: 1 }) : sums;
  return { name, order: identityOrder(4) };
}

/** For each sample and channel the sum over pixels; of a product of images that nobody else needs, without writing it down. */
function pixelSums(context: BlockedContext, x: GraphNode): string {
  const [, h, w] = x.shape as Four;
  const [a, b] = x.inputs as readonly [GraphNode | undefined, GraphNode | undefined];
  const isProduct = x.operation === 'mul' && context.useCount(x) === 1;
  if (isProduct && a && b && spreadOf(a, x) === 'image' && spreadOf(b, x) === 'image') {
    return channelProducts(context, a, b);
  }
  const means = context.internal('GlobalAveragePool', [context.blocked(x)]);
  return context.writer.op('Mul', [means, context.number(h * w)]);
}
