import type { GraphNode } from '../../graph/node.js';
import type { Stored } from '../context.js';
import { channelsFirst, identityOrder } from '../order.js';
import type { BlockedContext, Four } from './context.js';
import { fillsBlocks } from './placement.js';

/**
 * Products over pixels: filter gradients and Gram matrices. `X^T Y` is a 1x1 convolution whose "channels" are the pixels and
 * whose filters are Y as it lies in memory, for one image; products of matrices do for several.
 */

const plain = (name: string, rank: number): Stored => ({ name, order: identityOrder(rank) });

/** dy^T x `[O,I,1,1]`. */
export function pointwiseFilterGrad(context: BlockedContext, node: GraphNode): Stored {
  const [x, dy] = node.inputs as [GraphNode, GraphNode];
  const [i, o] = [x.shape[3] as number, dy.shape[3] as number];
  const products = summed(context, pixelProducts(context, x, dy), x.shape[0] as number);
  return plain(context.view(products, [o, i, 1, 1]), 4);
}

/** x^T y `[B,I,J]` of columns of blocked images. */
export function gram(context: BlockedContext, node: GraphNode): Stored {
  const [x, y] = node.inputs.map(({ inputs }) => inputs[0] as GraphNode) as [GraphNode, GraphNode];
  return plain(pixelProducts(context, y, x), 3);
}

/** Adds up `[B, ...shape]`. */
function summed(context: BlockedContext, name: string, batch: number): string {
  if (batch === 1) return name;
  return context.writer.op('ReduceSum', [name, context.writer.integers([0])], { keepdims: 0 });
}

/** For each sample y^T x, `[B,J,I]`. At least one of the two fills blocks. */
function pixelProducts(context: BlockedContext, x: GraphNode, y: GraphNode): string {
  const { block } = context;
  const [batch, height, width, i] = x.shape as Four;
  const j = y.shape[3] as number;
  const pixels = height * width;
  const both = fillsBlocks(x.shape, block) && fillsBlocks(y.shape, block);
  if (both && batch === 1 && pixels % block === 0) {
    const product =
      i <= j ? byConvolution(context, x, y, [1, 3, 0, 2]) : byConvolution(context, y, x, [0, 2, 1, 3]);
    return context.view(product, [1, j, i]);
  }
  // The smaller one, or the one that has too few channels for blocks, is turned out of its blocks.
  const rowsOfX = fillsBlocks(y.shape, block) && (i <= j || !fillsBlocks(x.shape, block));
  const [rows, blocks] = rowsOfX ? [x, y] : [y, x];
  const [r, c] = [rows.shape[3] as number, blocks.shape[3] as number];
  const product = context.writer.op('MatMul', [
    context.view(context.in(rows, channelsFirst(4)), [batch, 1, r, pixels]),
    context.view(context.blocked(blocks), [batch, c / block, pixels, block]),
  ]);
  const moved = context.writer.op('Transpose', [product], { perm: rowsOfX ? [0, 1, 3, 2] : [0, 2, 1, 3] });
  return context.view(moved, [batch, j, i]);
}

/**
 * A convolution over pixels, of one sample: `tiles` is seen as an image of 1 x block "pixels", its channels, with the
 * pixels as "channels"; `filters` has the order of filters as it lies. Gives [blocks of tiles, blocks of filters, tile,
 * filter], moved by a permutation.
 */
function byConvolution(
  context: BlockedContext,
  tiles: GraphNode,
  filters: GraphNode,
  perm: readonly number[],
): string {
  const { block } = context;
  const [, height, width, t] = tiles.shape as Four;
  const f = filters.shape[3] as number;
  const pixels = height * width;
  const side = Math.sqrt(block);
  const shape = Number.isInteger(side) ? [side, side] : [2, block / 2];
  const turned = context.internal('ReorderInput', [
    context.view(context.blocked(tiles), [t / block, pixels, ...shape]),
  ]);
  const filter = context.view(context.blocked(filters), [f, pixels, 1, 1]);
  const product = context.convolve({ x: turned, filter }, { kernel: [1, 1] });
  const parts = context.view(product, [t / block, f / block, block, block]);
  return context.writer.op('Transpose', [parts], { perm });
}

/** An image's frame left and right, in blocks, as a value of one sample. */
function framed(context: BlockedContext, x: GraphNode): string {
  const { block, writer } = context;
  const [b, h, w, c] = x.shape as Four;
  const rows = context.view(context.blocked(x), [(b * c) / block, h, w * block]);
  const padded = writer.op('Pad', [rows, writer.integers([0, 0, block, 0, 0, block])]);
  return context.view(padded, [1, b * c, h, w + 2]);
}

/**
 * The gradient of one filter a channel, `[C,1,3,3]`: the image convolved with the output's gradient as a filter as large
 * as the image. The frame left and right is put on before, which keeps the runtime on its fast path.
 */
export function depthwiseFilterGrad(context: BlockedContext, node: GraphNode): Stored {
  const { block, writer } = context;
  const [x, dy] = node.inputs as [GraphNode, GraphNode];
  const [b, h, w, c] = x.shape as Four;
  const filter = context.view(context.blocked(dy), [b * c, 1, h, w]);
  const taps = context.convolve(
    { x: framed(context, x), filter },
    { kernel: [h, w], pads: [1, 0, 1, 0], groups: b * c },
  );
  const sum = summed(context, context.view(taps, [b, c / block, 9, block]), b);
  const moved = writer.op('Transpose', [context.view(sum, [c / block, 9, block])], { perm: [0, 2, 1] });
  return plain(context.view(moved, [c, 1, 3, 3]), 4);
}

/**
 * The gradient of 3x3 filters, `[O,I,3,3]`, of one sample: each input channel, as an image of its own, is convolved with
 * the output's gradient as filters as large as the image. Where only the input fills blocks, the two change roles, which
 * turns the filters by half a turn.
 */
export function conv3x3FilterGrad(context: BlockedContext, node: GraphNode): Stored {
  const { block, writer } = context;
  const [x, dy] = node.inputs as [GraphNode, GraphNode];
  const [o, i] = [dy.shape[3] as number, x.shape[3] as number];
  if (fillsBlocks(dy.shape, block)) {
    const taps = context.view(largeFilters(context, x, dy), [i, o / block, 9, block]);
    return plain(context.view(writer.op('Transpose', [taps], { perm: [1, 3, 0, 2] }), [o, i, 3, 3]), 4);
  }
  const taps = context.view(largeFilters(context, dy, x), [o, i / block, 9, block]);
  const turned = writer.op('Gather', [taps, writer.integers([8, 7, 6, 5, 4, 3, 2, 1, 0])], { axis: 2 });
  return plain(context.view(writer.op('Transpose', [turned], { perm: [0, 1, 3, 2] }), [o, i, 3, 3]), 4);
}

/** Every channel of one image convolved with every channel of another, which fills blocks, as filters. */
function largeFilters(context: BlockedContext, x: GraphNode, filters: GraphNode): string {
  const { writer } = context;
  const [, h, w, c] = x.shape as Four;
  const images = context.view(context.in(x, channelsFirst(4)), [c, 1, h, w]);
  const padded = writer.op('Pad', [images, writer.integers([0, 0, 0, 1, 0, 0, 0, 1])]);
  const filter = context.view(context.blocked(filters), [filters.shape[3] as number, 1, h, w]);
  return context.convolve({ x: padded, filter }, { kernel: [h, w], pads: [1, 0, 1, 0] });
}

/** `[B,1,C]`: squared lengths of columns of a blocked image. */
export function squaredNorms(context: BlockedContext, node: GraphNode): Stored {
  const x = (node.inputs[0] as GraphNode).inputs[0] as GraphNode;
  const [b, , , c] = x.shape as Four;
  return plain(context.view(channelProducts(context, x, x), [b, 1, c]), 3);
}

/**
 * For each sample and channel the sum over pixels of x y, of blocked images: a value of B C numbers. Each row of pixels of
 * a channel of one is convolved with that of the other as a filter, and the rows are added up then: one sum over all pixels
 * would lose digits.
 */
export function channelProducts(context: BlockedContext, x: GraphNode, y: GraphNode): string {
  const { block, writer } = context;
  const [b, h, w, c] = x.shape as Four;
  const rows = b * c * h;
  const operands = {
    x: context.view(context.blocked(x), [1, rows, 1, w]),
    filter: context.view(context.blocked(y), [rows, 1, 1, w]),
  };
  const byRow = context.convolve(operands, { kernel: [1, w], groups: rows });
  const parts = context.view(byRow, [b, c / block, h, block]);
  return writer.op('ReduceSum', [parts, writer.integers([2])], { keepdims: 1 });
}
