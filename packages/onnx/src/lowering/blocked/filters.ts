import type { GraphNode } from '../../graph/node.js';
import type { BlockedContext } from './context.js';

/**
 * Filters `[O,I,k,k]` in the order in which the runtime's convolutions read them. They are computed, so this happens at
 * run time; they are small.
 */

/** `[O/b, I/b, k, k, b of I, b of O]`, for images in blocks. */
export function blockedFilter(context: BlockedContext, filter: GraphNode): string {
  const [o, i, rows, columns] = filter.shape as [number, number, number, number];
  return arranged(context, context.plain(filter), [o, i, rows, columns]);
}

function arranged(
  context: BlockedContext,
  name: string,
  [o, i, rows, columns]: readonly [number, number, number, number],
): string {
  const { block } = context;
  const parts = context.view(name, [o / block, block, i / block, block, rows * columns]);
  const moved = context.writer.op('Transpose', [parts], { perm: [0, 2, 4, 3, 1] });
  return context.view(moved, [o, i, rows, columns]);
}

/** As `blockedFilter`, with filters of zeros after the last up to a whole block. */
export function filledFilter(context: BlockedContext, filter: GraphNode): string {
  const [o, i, rows, columns] = filter.shape as [number, number, number, number];
  const full = Math.ceil(o / context.block) * context.block;
  const widths = context.writer.integers([0, 0, 0, 0, full - o, 0, 0, 0]);
  const padded = context.writer.op('Pad', [context.plain(filter), widths]);
  return arranged(context, padded, [full, i, rows, columns]);
}

/** `[O/b, I, k, k, b of O]`, for plain images of fewer channels than a block, and for one filter a channel. */
export function outputBlockedFilter(context: BlockedContext, filter: GraphNode): string {
  const [o, i, rows, columns] = filter.shape as [number, number, number, number];
  const parts = context.view(context.plain(filter), [o / context.block, context.block, i * rows * columns]);
  const moved = context.writer.op('Transpose', [parts], { perm: [0, 2, 1] });
  return context.view(moved, [o, i, rows, columns]);
}

/** Filters `[1,I,3,3]` as one filter a channel, `[I,1,3,3]`. */
export function perChannelFilter(context: BlockedContext, filter: GraphNode): string {
  const [, i, rows, columns] = filter.shape as [number, number, number, number];
  const parts = context.view(context.plain(filter), [i / context.block, context.block, rows * columns]);
  const moved = context.writer.op('Transpose', [parts], { perm: [0, 2, 1] });
  return context.view(moved, [i, 1, rows, columns]);
}

/** A matrix for each image, `[B,I,O]`, that its pixels are multiplied by: one group a sample. */
export function samplesFilter(context: BlockedContext, matrices: GraphNode): string {
  const [b, i, o] = matrices.shape as [number, number, number];
  const { block } = context;
  const parts = context.view(context.plain(matrices), [b, i / block, block, o / block, block]);
  const moved = context.writer.op('Transpose', [parts], { perm: [0, 3, 1, 2, 4] });
  return context.view(moved, [b * o, i, 1, 1]);
}

/** A square matrix that is the same for all blocks, as a constant filter: `entry` on and off its diagonal. */
export function constantFilter(context: BlockedContext, channels: number, on: number, off: number): string {
  return context.known(`filter ${channels} ${on} ${off}`, () => {
    const values = matrixInBlocks(channels, context.block, on, off);
    return context.writer.floats(values, [channels, channels, 1, 1]);
  });
}

function matrixInBlocks(channels: number, block: number, on: number, off: number): Float32Array {
  const [perPair, blocks] = [block * block, channels / block];
  return Float32Array.from({ length: channels * channels }, (_unused, at) => {
    const pair = Math.floor(at / perPair);
    const onDiagonal = Math.floor(pair / blocks) === pair % blocks && (at % perPair) % (block + 1) === 0;
    return onDiagonal ? on : off;
  });
}
