import type { LayerNormAttrs } from '@refusion/autodiff';
import { type GraphNode, valuesOf } from '../../graph/node.js';
import type { BlockedContext } from './context.js';
import { constantFilter } from './filters.js';

/**
 * Layer norms by convolutions with constant matrices: one takes off the mean, one spreads the mean of squares over all
 * channels, so that nothing has to be spread over pixels.
 */
interface Normalised {
  /** (x - mean) / deviation */
  readonly normal: string;
  readonly deviation: string;
}

function normalised(context: BlockedContext, x: GraphNode, { epsilon }: LayerNormAttrs): Normalised {
  const { writer } = context;
  const channels = x.shape[3] as number;
  const centred = takeOffMean(context, context.blocked(x), channels);
  const squares = writer.op('Mul', [centred, centred]);
  const bias = context.known(`epsilon ${channels} ${epsilon}`, () =>
    writer.floats(new Array<number>(channels).fill(epsilon), [channels]),
  );
  const deviation = writer.op('Sqrt', [spreadMean(context, squares, channels, bias)]);
  return { normal: writer.op('Div', [centred, deviation]), deviation };
}

function takeOffMean(context: BlockedContext, x: string, channels: number, sum?: string): string {
  const filter = constantFilter(context, channels, 1 - 1 / channels, -1 / channels);
  return context.convolve({ x, filter, sum }, { kernel: [1, 1] });
}

function spreadMean(context: BlockedContext, x: string, channels: number, bias?: string): string {
  const filter = constantFilter(context, channels, 1 / channels, 1 / channels);
  return context.convolve({ x, filter, bias }, { kernel: [1, 1] });
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
  const channels = x.shape[3] as number;
  const { normal, deviation } = normalised(context, x, node.attrs as unknown as LayerNormAttrs);
  const d = context.blocked(slope);
  const along = spreadMean(context, writer.op('Mul', [d, normal]), channels);
  const across = writer.op('Sub', [d, writer.op('Mul', [normal, along])]);
  return takeOffMean(context, writer.op('Div', [across, deviation]), channels, sum);
}

function isAll(node: GraphNode, value: number): boolean {
  return valuesOf(node)?.every((x) => x === value) ?? false;
}
