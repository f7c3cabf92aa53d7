import type { GraphNode } from '../../graph/node.js';
import type { BlockedContext, ConvolutionOperands, ConvolutionShape, Four } from './context.js';
import {
  blockedFilter,
  filledFilter,
  outputBlockedFilter,
  perChannelFilter,
  samplesFilter,
} from './filters.js';
import { convolutionForm, fillsBlocks, fourOf, spreadOf } from './placement.js';

const SAME = [1, 1, 1, 1] as const;

/** What is added to a convolution while it is computed. */
export interface Additions {
  readonly bias?: string | undefined;
  readonly sum?: string | undefined;
}

/** Whether a node is computed by one convolution that can add to something. */
export function isConvolution(node: GraphNode, block: number): boolean {
  if (!fillsBlocks(node.shape, block)) return false;
  if (node.operation === 'mix') return true;
  if (node.operation === 'mul') return scalingOf(node) !== null;
  if (!['pointwise', 'depthwise', 'conv3x3'].includes(node.operation)) return false;
  return ['blocked', 'from plain'].includes(convolutionForm(node, block));
}

/** Whether a convolution can also add a vector of its own: not where it goes through all samples as one. */
export function takesBias(node: GraphNode): boolean {
  const [batch] = node.shape as Four;
  return batch === 1 || (node.operation !== 'mix' && node.operation !== 'mul');
}

/** An image, and the vector that its channels are multiplied by. */
export function scalingOf(node: GraphNode): { x: GraphNode; scale: GraphNode } | null {
  const [a, b] = node.inputs as [GraphNode, GraphNode];
  for (const [x, scale] of [
    [a, b],
    [b, a],
  ] as const) {
    const fits = spreadOf(x, node) === 'image' && spreadOf(scale, node) === 'channels';
    if (fits) return { x, scale };
  }
  return null;
}

/** A convolution to a blocked image. */
export function convolution(context: BlockedContext, node: GraphNode, added: Additions = {}): string {
  if (node.operation === 'mul') {
    const { x, scale } = scalingOf(node) as { x: GraphNode; scale: GraphNode };
    return scaled(context, x, scale, added);
  }
  if (node.operation === 'mix') return mixed(context, node, added);
  const [x, filter] = node.inputs as [GraphNode, GraphNode];
  const [, , side] = filter.shape as Four;
  const shape = { kernel: [side, side] as const, ...(side === 3 ? { pads: SAME } : {}) };
  if (node.operation === 'depthwise') {
    const operands = { x: context.blocked(x), filter: outputBlockedFilter(context, filter), ...added };
    return context.convolve(operands, { ...shape, groups: x.shape[3] as number });
  }
  if (convolutionForm(node, context.block) === 'from plain') {
    const operands = {
      x: context.in(x, [0, 3, 1, 2]),
      filter: outputBlockedFilter(context, filter),
      ...added,
    };
    return context.convolve(operands, shape);
  }
  return context.convolve({ x: context.blocked(x), filter: blockedFilter(context, filter), ...added }, shape);
}

/** A convolution to fewer channels than a block, plain `[B,O,H,W]`. */
export function convolutionToPlain(context: BlockedContext, node: GraphNode): string {
  const [x, filter] = node.inputs as [GraphNode, GraphNode];
  const [o, , side] = filter.shape as Four;
  const shape = { kernel: [side, side] as const, ...(side === 3 ? { pads: SAME } : {}) };
  if (o === 1 && side === 3) {
    // One output: its filter for each channel, and a sum over channels, are a fraction of a whole block of outputs.
    const operands = { x: context.blocked(x), filter: perChannelFilter(context, filter) };
    const products = context.convolve(operands, { ...shape, groups: x.shape[3] as number });
    return channelSum(context, products, x.shape as Four);
  }
  const full = context.convolve({ x: context.blocked(x), filter: filledFilter(context, filter) }, shape);
  return context.outOfBlocks(full, o);
}

/** The sum of a blocked image's channels, plain `[B,1,H,W]`. */
export function channelSum(context: BlockedContext, name: string, [b, h, w, c]: Four): string {
  const parts = context.view(name, [b, c / context.block, h * w, context.block]);
  const sums = context.writer.op('ReduceSum', [parts, context.writer.integers([1, 3])], { keepdims: 1 });
  return context.view(sums, [b, 1, h, w]);
}

/** Channels multiplied by a vector: a convolution of one number a channel, which can add to something. */
export function scaled(context: BlockedContext, x: GraphNode, scale: GraphNode, added: Additions): string {
  const [b, , , c] = x.shape as Four;
  const vectors = fourOf(scale)[0];
  const filter = context.view(context.plain(scale), [vectors * c, 1, 1, 1]);
  const operands = { x: context.blocked(x), filter, ...added };
  if (vectors === 1) return context.convolve(operands, { kernel: [1, 1], groups: c });
  return bySample(context, operands, x.shape as Four, c, { kernel: [1, 1], groups: b * c });
}

/** Pixels times a matrix of their sample. */
function mixed(context: BlockedContext, node: GraphNode, added: Additions): string {
  const [x, matrices] = node.inputs as [GraphNode, GraphNode];
  const operands = { x: context.blocked(x), filter: samplesFilter(context, matrices), ...added };
  const [b] = x.shape as Four;
  return bySample(context, operands, x.shape as Four, node.shape[3] as number, { kernel: [1, 1], groups: b });
}

/** A convolution whose groups go through all samples, so that each has filters of its own. */
function bySample(
  context: BlockedContext,
  { x, filter, bias, sum }: ConvolutionOperands,
  [b, h, w, c]: Four,
  outputs: number,
  shape: ConvolutionShape,
): string {
  if (b === 1) return context.convolve({ x, filter, bias, sum }, shape);
  const joined = (name: string, channels: number): string => context.view(name, [1, b * channels, h, w]);
  const operands = { x: joined(x, c), filter, ...(sum ? { sum: joined(sum, outputs) } : {}) };
  return context.view(context.convolve(operands, shape), [b, outputs, h, w]);
}
