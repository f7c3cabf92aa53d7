import type { GraphNode } from '../../graph/node.js';
import type { AffineAttrs } from '../../graph/operations.js';
import type { Four } from './context.js';

const VALUE_BY_VALUE = new Set(
  [
    ['add', 'sub', 'mul', 'div', 'maximum', 'neg', 'abs', 'sign', 'sqrt', 'exp', 'log', 'erf', 'detach'],
    ['sigmoid', 'gelu', 'prelu', 'choose', 'affine'],
  ].flat(),
);

/** Those of them that public operators do not have, or not in every form. */
const IN_BLOCKS_ALONE = new Set(['prelu', 'choose', 'affine']);

/** Whether a shape is that of images whose channels fill blocks. */
export function fillsBlocks(shape: readonly number[], block: number): boolean {
  return shape.length === 4 && (shape[3] as number) % block === 0;
}

/** How the runtime convolves an image: in blocks, from a plain image of few channels, to few channels; or not in blocks. */
export type ConvolutionForm = 'blocked' | 'from plain' | 'to plain' | 'public';

/** A convolution's form, by its channels. */
export function convolutionForm({ inputs }: GraphNode, block: number): ConvolutionForm {
  const [o, i] = (inputs[1] as GraphNode).shape as Four;
  const [x] = inputs as [GraphNode];
  if (i === 1 && x.shape[3] === o && o > 1) return o % block === 0 ? 'blocked' : 'public';
  if (o % block === 0 && i % block === 0) return 'blocked';
  if (o % block === 0 && i < block) return 'from plain';
  return i % block === 0 ? 'to plain' : 'public';
}

/**
 * The values that are stored in blocks, decided operation by operation: what convolutions and layer norms of whole
 * blocks of channels give, and what is computed value by value, joined, cut or framed from such. Everything else (small
 * tensors, images of other numbers of channels, other operations) is plain.
 */
export function placed(nodes: readonly GraphNode[], block: number): ReadonlySet<GraphNode> {
  const blocked = new Set<GraphNode>();
  for (const node of nodes) if (isPlacedInBlocks(node, blocked, block)) blocked.add(node);
  return blocked;
}

function isPlacedInBlocks(node: GraphNode, blocked: ReadonlySet<GraphNode>, block: number): boolean {
  if (!fillsBlocks(node.shape, block)) return false;
  const { operation, inputs } = node;
  const [x] = inputs as readonly [GraphNode | undefined];
  if (operation === 'pointwise' || operation === 'conv3x3' || operation === 'depthwise') {
    const form = convolutionForm(node, block);
    return form === 'blocked' || form === 'from plain';
  }
  if (operation === 'layerNorm' || operation === 'layerNormInputGrad' || operation === 'mix') {
    return fillsBlocks((x as GraphNode).shape, block);
  }
  if (VALUE_BY_VALUE.has(operation)) {
    const wanted = IN_BLOCKS_ALONE.has(operation) || inputs.some((input) => blocked.has(input));
    return wanted && inputs.every((input) => spreads(input, node));
  }
  if (operation === 'concat') {
    const whole = node.attrs['axis'] !== 3 || inputs.every(({ shape }) => fillsBlocks(shape, block));
    return whole && inputs.some((input) => blocked.has(input));
  }
  if (!x || !blocked.has(x)) return false;
  if (operation === 'slice') return (node.attrs['begin'] as Four)[3] % block === 0;
  if (operation === 'pad') {
    const { before, after } = node.attrs as { before: Four; after: Four };
    return before[3] % block === 0 && after[3] % block === 0;
  }
  return false;
}

/** How an input is spread over an image: it is one, a number, a number a channel or a pixel, of one or each sample. */
export type Spread = 'image' | 'number' | 'channels' | 'pixels' | 'samples';

export function spreadOf(input: GraphNode, image: GraphNode): Spread | null {
  const [b, h, w, c] = fourOf(input);
  const [batch, height, width, channels] = image.shape as Four;
  if (b !== batch && b !== 1) return null;
  if (h === height && w === width && c === channels && b === batch) return 'image';
  if (b * h * w * c === 1) return 'number';
  if (h === 1 && w === 1 && c === channels) return 'channels';
  if (h === height && w === width && c === 1) return 'pixels';
  return h === 1 && w === 1 && c === 1 ? 'samples' : null;
}

/**
 * How `factor x + offset` is computed in blocks: as the middle piece of a sigmoid of straight pieces, where it is known to
 * stay there, as a multiple, or not at all.
 */
export function affineForm({ operation, inputs, attrs }: GraphNode): 'middle' | 'multiple' | null {
  if (operation !== 'affine') return null;
  const { factor, offset } = attrs as unknown as AffineAttrs;
  const spread = Math.abs(factor);
  if (inputs[0]?.operation === 'erf' && offset >= spread && offset + spread <= 1) return 'middle';
  return offset === 0 ? 'multiple' : null;
}

/** Whether an input can be spread over an image in blocks. */
export function spreads(input: GraphNode, image: GraphNode): boolean {
  return input.shape.length <= 4 && spreadOf(input, image) !== null;
}

/** A shape with leading axes of length 1 up to four. */
export function fourOf({ shape }: GraphNode): Four {
  return [...new Array<number>(4 - shape.length).fill(1), ...shape] as readonly number[] as Four;
}
