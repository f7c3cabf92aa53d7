import type { GraphNode } from '../../graph/node.js';
import type { Stored } from '../context.js';
import { identityOrder } from '../order.js';
import type { BlockedContext, Four } from './context.js';

/**
 * Filters `[O,I,k,k]` in the order in which the runtime's convolutions read them. They are computed, so this happens at
 * run time; they are small.
 */

/** A place among the parts of a value's axes: the axis, and which part of it, where it is split. */
type Part = readonly [axis: number, part: number];

/** `[O/b, I/b, k, k, b of I, b of O]`, for images in blocks. */
export function blockedFilter(context: BlockedContext, filter: GraphNode): string {
  return inBlocks(context, storedFilter(context, filter), filter.shape as Four);
}

function inBlocks(context: BlockedContext, stored: Stored, shape: Four): string {
  const { block } = context;
  const [o, i, rows, columns] = shape;
  const parts = [[o / block, block], [i / block, block], [rows], [columns]];
  const target: readonly Part[] = [
    [0, 0],
    [1, 0],
    [2, 0],
    [3, 0],
    [1, 1],
    [0, 1],
  ];
  return context.view(arranged(context, stored, parts, target), shape);
}

/** As `blockedFilter`, with filters of zeros after the last up to a whole block. */
export function filledFilter(context: BlockedContext, filter: GraphNode): string {
  const [o, i, rows, columns] = filter.shape as Four;
  const full = Math.ceil(o / context.block) * context.block;
  const widths = context.writer.integers([0, 0, 0, 0, full - o, 0, 0, 0]);
  const name = context.writer.op('Pad', [context.plain(filter), widths]);
  return inBlocks(context, { name, order: identityOrder(4) }, [full, i, rows, columns]);
}

/** `[O/b, I, k, k, b of O]`, for plain images of fewer channels than a block, and for one filter a channel. */
export function outputBlockedFilter(context: BlockedContext, filter: GraphNode): string {
  const [o, i, rows, columns] = filter.shape as Four;
  const parts = [[o / context.block, context.block], [i], [rows], [columns]];
  const target: readonly Part[] = [
    [0, 0],
    [1, 0],
    [2, 0],
    [3, 0],
    [0, 1],
  ];
  return context.view(arranged(context, storedFilter(context, filter), parts, target), filter.shape);
}

/** Filters `[1,I,3,3]` as one filter a channel, `[I,1,3,3]`. */
export function perChannelFilter(context: BlockedContext, filter: GraphNode): string {
  const [, i, rows, columns] = filter.shape as Four;
  const parts = [[1], [i / context.block, context.block], [rows], [columns]];
  const target: readonly Part[] = [
    [1, 0],
    [2, 0],
    [3, 0],
    [1, 1],
  ];
  const name = arranged(context, storedFilter(context, filter), parts, target);
  return context.view(name, [i, 1, rows, columns]);
}

/** A matrix for each image, `[B,I,O]`, that its pixels are multiplied by: one group a sample. */
export function samplesFilter(context: BlockedContext, matrices: GraphNode): string {
  const [b, i, o] = matrices.shape as [number, number, number];
  const { block } = context;
  const parts = [[b], [i / block, block], [o / block, block]];
  const target: readonly Part[] = [
    [0, 0],
    [2, 0],
    [1, 0],
    [1, 1],
    [2, 1],
  ];
  const name = arranged(context, storedFilter(context, matrices), parts, target);
  return context.view(name, [b * o, i, 1, 1]);
}

/** A value in whatever order of its axes it is there. */
function storedFilter(context: BlockedContext, filter: GraphNode): Stored {
  const order = context.orderOf(filter) ?? identityOrder(filter.shape.length);
  return { name: context.in(filter, order), order };
}

/**
 * The parts of a value's axes in another order: by one transposition whatever order they are stored in, and by none where
 * no number moves.
 *
 * @param parts for each axis the lengths that it is split into
 * @param target all parts, in the order wanted
 */
function arranged(
  context: BlockedContext,
  { name, order }: Stored,
  parts: readonly (readonly number[])[],
  target: readonly Part[],
): string {
  const lengthOf = ([axis, part]: Part): number => parts[axis]?.[part] as number;
  // Parts of length 1 move for nothing.
  const long = (all: readonly Part[]): Part[] => all.filter((part) => lengthOf(part) > 1);
  const stored = long(
    order.flatMap((axis) => (parts[axis] ?? []).map((_length, part): Part => [axis, part])),
  );
  const perm = long(target).map(([axis, part]) => stored.findIndex(([a, p]) => a === axis && p === part));
  if (perm.every((from, to) => from === to)) return name;
  return context.writer.op('Transpose', [context.view(name, stored.map(lengthOf))], { perm });
}

/** A square matrix that is the same for all blocks, as a constant filter: `entry` on and off its diagonal. */
export function constantFilter(context: BlockedContext, channels: number, on: number, off: number): string {
  return context.known(`filter ${channels} ${on} ${off}`, () => {
    const values = matrixInBlocks(channels, context.block, on, off);
    return context.writer.floats(values, [channels, channels, 1, 1]);
  });
}

/** A constant filter that spreads the mean over channels over a single block. */
export function meanFilter(context: BlockedContext, channels: number): string {
  const { block, writer } = context;
  return context.known(`mean filter ${channels}`, () =>
    writer.floats(new Float32Array(block * channels).fill(1 / channels), [block, channels, 1, 1]),
  );
}

function matrixInBlocks(channels: number, block: number, on: number, off: number): Float32Array {
  const [perPair, blocks] = [block * block, channels / block];
  return Float32Array.from({ length: channels * channels }, (_unused, at) => {
    const pair = Math.floor(at / perPair);
    const onDiagonal = Math.floor(pair / blocks) === pair % blocks && (at % perPair) % (block + 1) === 0;
    return onDiagonal ? on : off;
  });
}
