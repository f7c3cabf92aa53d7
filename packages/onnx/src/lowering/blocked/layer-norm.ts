import type { LayerNormAttrs } from '@refusion/autodiff';
import { type GraphNode, valuesOf } from '../../graph/node.js';
import type { BlockedContext, Four } from './context.js';
import { constantFilter, meanFilter } from './filters.js';

/**
 * Layer norms by convolutions with constant matrices: one takes off the mean, one spreads the mean of squares over the
 * channels of one block, which all blocks are divided by, so that no number has to be spread over a block.
 */
interface Normalised {
  /** (x - mean) / deviation */
  readonly normal: string;
  /** In each channel of a single block. */
  readonly deviation: string;
}

function normalised(context: BlockedContext, x: GraphNode, { epsilon }: LayerNormAttrs): Normalised {
  const { writer, block } = context;
  const shape = x.shape as Four;
  const centred = takeOffMean(context, context.blocked(x), shape[3]);
  const squares = writer.op('Mul', [centred, centred]);
  const bias = context.known(`epsilon ${block} ${epsilon}`, () =>
    writer.floats(new Array<number>(block).fill(epsilon), [block]),
  );
  const deviation = writer.op('Sqrt', [mean(context, squares, shape[3], bias)]);
  return { normal: withBlock(context, 'Div', shape, centred, deviation), deviation };
}

function takeOffMean(context: BlockedContext, x: string, channels: number, sum?: string): string {
  const filter = constantFilter(context, channels, 1 - 1 / channels, -1 / channels);
  return context.convolve({ x, filter, sum }, { kernel: [1, 1] });
}

/** The mean over channels, in each channel of a single block. */
function mean(context: BlockedContext, x: string, channels: number, bias?: string): string {
  return context.convolve({ x, filter: meanFilter(context, channels), bias }, { kernel: [1, 1] });
}

/** Each block of an image with a single block. */
function withBlock(
  context: BlockedContext,
  type: 'Mul' | 'Div',
  [b, h, w, c]: Four,
  image: string,
  single: string,
): string {
  const { block, writer } = context;
  if (c === block) return writer.op(type, [image, single]);
  const operands = [
    context.view(image, [b, c / block, h * w, block]),
    context.view(single, [b, 1, h * w, block]),
  ];
  return context.view(writer.op(type, operands), [b, c, h, w]);
}

export function layerNorm(context: BlockedContext, node: GraphNode): string {
  const [x, scale, shift] = node.inputs as [GraphNode, GraphNode, GraphNode];
  const { normal } = normalised(context, x, node.attrs as unknown as LayerNormAttrs);
  if (isAll(scale, 1) && isAll(shift, 0)) return normal;
  const channels = x.shape[3] as number;
  const filter = context.view(context.plain(scale), [channels, 1, 1, 1]);
  const operands = { x: normal, filter, bias: context.plain(shift) };
  return context.convolve(operands, { kernel: [1, 1], groups: channels });
}

/** The derivative of the normalisation, (d - mean d - n mean(n d)) / deviation, added to something. */
export function layerNormInputGrad(context: BlockedContext, node: GraphNode, sum?: string): string {
  const { writer } = context;
  const [x, slope] = node.inputs as [GraphNode, GraphNode];
  const shape = x.shape as Four;
  const { normal, deviation } = normalised(context, x, node.attrs as unknown as LayerNormAttrs);
  const d = context.blocked(slope);
  const along = mean(context, writer.op('Mul', [d, normal]), shape[3]);
  const across = writer.op('Sub', [d, withBlock(context, 'Mul', shape, normal, along)]);
  return takeOffMean(context, withBlock(context, 'Div', shape, across, deviation), shape[3], sum);
}

function isAll(node: GraphNode, value: number): boolean {
  return valuesOf(node)?.every((x) => x === value) ?? false;
}
