import type { GraphNode } from '../../graph/node.js';
import { scalarOf } from '../../graph/node.js';
import type { AffineAttrs } from '../../graph/operations.js';
import type { BlockedContext, Four } from './context.js';
import { affineForm, fourOf, spreadOf } from './placement.js';

const OPERATORS: { readonly [operation: string]: string } = {
  add: 'Add',
  sub: 'Sub',
  mul: 'Mul',
  div: 'Div',
  maximum: 'Max',
  neg: 'Neg',
  abs: 'Abs',
  sign: 'Sign',
  sqrt: 'Sqrt',
  exp: 'Exp',
  log: 'Log',
  erf: 'Erf',
  sigmoid: 'Sigmoid',
  gelu: 'Gelu',
};

/** A blocked image that is computed value by value. */
export function valueByValue(context: BlockedContext, node: GraphNode): string {
  const { writer } = context;
  const [x] = node.inputs as [GraphNode];
  if (node.operation === 'detach') return context.blocked(x);
  if (node.operation === 'prelu') return leaky(context, node);
  if (node.operation === 'affine') return affine(context, node);
  if (node.operation === 'choose') return chosen(context, node);
  if (node.operation === 'div' && scalarOf(x) === 1) {
    return writer.op('Reciprocal', [context.blocked(node.inputs[1] as GraphNode)]);
  }
  return broadcast(context, node, OPERATORS[node.operation] as string);
}

function broadcast(context: BlockedContext, node: GraphNode, type: string): string {
  const [b, h, w, c] = node.shape as Four;
  const { block, writer } = context;
  const spreads = node.inputs.map((input) => spreadOf(input, node));
  const whole = spreads.every((spread) => spread === 'image' || spread === 'number');
  if (whole)
    return writer.op(
      type,
      node.inputs.map((input) => operand(context, input, node)),
    );
  // Blocks, pixels and the channels of a block as axes, to spread what is smaller over them.
  const parts = node.inputs.map((input, i) => {
    const [samples] = fourOf(input);
    if (spreads[i] === 'image') return context.view(context.blocked(input), [b, c / block, h * w, block]);
    if (spreads[i] === 'number') return operand(context, input, node);
    const shape = {
      channels: [samples, c / block, 1, block],
      pixels: [samples, 1, h * w, 1],
      samples: [samples, 1, 1, 1],
    }[spreads[i] as 'channels'];
    return context.view(context.plain(input), shape);
  });
  return context.view(writer.op(type, parts), [b, c, h, w]);
}

function operand(context: BlockedContext, input: GraphNode, node: GraphNode): string {
  if (spreadOf(input, node) === 'image') return context.blocked(input);
  const value = scalarOf(input);
  return value === null ? context.view(context.plain(input), [1]) : context.number(value);
}

function leaky(context: BlockedContext, node: GraphNode): string {
  const [x, slope] = node.inputs as [GraphNode, GraphNode];
  const alpha = scalarOf(slope);
  if (alpha !== null)
    return context.writer.op('LeakyRelu', [context.blocked(x)], { alpha: { float: alpha } });
  return broadcast(context, node, 'PRelu');
}

/** A multiple plus a number: both in one pass, which writes over its input, unless there is no number. */
function affine(context: BlockedContext, node: GraphNode): string {
  const x = context.blocked(node.inputs[0] as GraphNode);
  const { factor, offset } = affineOf(node);
  if (isMultiple(node)) return context.writer.op('Mul', [x, context.number(factor)]);
  return context.writer.op('HardSigmoid', [x], { alpha: { float: factor }, beta: { float: offset } });
}

function affineOf({ attrs }: GraphNode): AffineAttrs {
  return attrs as unknown as AffineAttrs;
}

/** Whether an image is a multiple of another, and no more. */
export function isMultiple(node: GraphNode): boolean {
  return affineForm(node) === 'multiple';
}

/** A multiple of an image, added to another, by a convolution whose filters are the factor. */
export function multipleAdded(context: BlockedContext, node: GraphNode, sum: string | undefined): string {
  const channels = node.shape[3] as number;
  const { factor } = affineOf(node);
  const filter = context.known(`factor ${channels} ${factor}`, () =>
    context.writer.floats(new Float32Array(channels).fill(factor), [channels, 1, 1, 1]),
  );
  const x = context.blocked(node.inputs[0] as GraphNode);
  return context.convolve({ x, filter, sum }, { kernel: [1, 1], groups: channels });
}

/** The second where the first is above zero, else the third. */
function chosen(context: BlockedContext, node: GraphNode): string {
  const [x, above, below] = node.inputs as [GraphNode, GraphNode, GraphNode];
  const isAbove = context.writer.op('Greater', [context.blocked(x), context.number(0)]);
  return context.writer.op('Where', [isAbove, operand(context, above, node), operand(context, below, node)]);
}
