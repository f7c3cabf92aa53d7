import { sizeOf } from '@refusion/core';
import { type GraphNode, scalarOf } from '../graph/node.js';
import type { LoweringContext, Stored } from './context.js';
import { channelsFirst, identityOrder, lifted, type Order } from './order.js';

export type Lowering = (context: LoweringContext, node: GraphNode) => Stored;

/** The input at a place. */
export function inputOf(node: GraphNode, i: number): GraphNode {
  return node.inputs[i] as GraphNode;
}

/** The order in which an operation that goes value by value computes: that of its largest input. */
export function commonOrder(context: LoweringContext, node: GraphNode): Order {
  const rank = node.shape.length;
  const stored = node.inputs
    .filter((input) => context.orderOf(input))
    .sort((a, b) => sizeOf(b.shape) - sizeOf(a.shape));
  const largest = stored[0];
  return largest ? lifted(context.orderOf(largest) as Order, rank) : identityOrder(rank);
}

/** An operator that goes value by value, broadcasting. */
export function valueByValue(type: string): Lowering {
  return (context, node) => {
    const order = commonOrder(context, node);
    const names = node.inputs.map((input) =>
      scalarOf(input) !== null && input.shape.length === 0 ? context.plain(input) : context.in(input, order),
    );
    return { name: context.writer.op(type, names), order };
  };
}

/** With a slope that is one constant, the only form that graphs have. */
function prelu(context: LoweringContext, node: GraphNode): Stored {
  const order = commonOrder(context, node);
  const alpha = { float: scalarOf(inputOf(node, 1)) as number };
  return { name: context.writer.op('LeakyRelu', [context.in(inputOf(node, 0), order)], { alpha }), order };
}

/** 1/x has an operator of its own. */
function divide(context: LoweringContext, node: GraphNode): Stored {
  const [one, x] = [inputOf(node, 0), inputOf(node, 1)];
  if (scalarOf(one) !== 1 || one.shape.length > 0) return valueByValue('Div')(context, node);
  const order = commonOrder(context, node);
  return { name: context.writer.op('Reciprocal', [context.in(x, order)]), order };
}

function softmax(context: LoweringContext, node: GraphNode): Stored {
  const order = commonOrder(context, node);
  const axis = order.indexOf((node.attrs as { readonly axis: number }).axis);
  return { name: context.writer.op('Softmax', [context.in(inputOf(node, 0), order)], { axis }), order };
}

/** A convolution, stride 1, with zeros around that keep the size, or with fewer above and below a strip. */
function convolution(side: 1 | 3, perChannel: boolean): Lowering {
  const reach = (side - 1) / 2;
  return (context, node) => {
    const [above, below] = (node.attrs['zeros'] as readonly number[] | undefined) ?? [reach, reach];
    const [x, filter] = [inputOf(node, 0), inputOf(node, 1)];
    const order = channelsFirst(4);
    const name = context.writer.op('Conv', [context.in(x, order), context.plain(filter)], {
      kernel_shape: [side, side],
      pads: [above as number, reach, below as number, reach],
      ...(perChannel ? { group: filter.shape[0] as number } : {}),
    });
    return { name, order };
  };
}

export const elementwiseLowerings: { readonly [operation: string]: Lowering } = {
  add: valueByValue('Add'),
  sub: valueByValue('Sub'),
  mul: valueByValue('Mul'),
  div: divide,
  maximum: valueByValue('Max'),
  neg: valueByValue('Neg'),
  abs: valueByValue('Abs'),
  sign: valueByValue('Sign'),
  sqrt: valueByValue('Sqrt'),
  exp: valueByValue('Exp'),
  log: valueByValue('Log'),
  erf: valueByValue('Erf'),
  detach: (context, node) => {
    const order = commonOrder(context, node);
    return { name: context.in(inputOf(node, 0), order), order };
  },
  sigmoid: valueByValue('Sigmoid'),
  gelu: valueByValue('Gelu'),
  prelu,
  softmax,
  pointwise: convolution(1, false),
  depthwise: convolution(3, true),
  conv3x3: convolution(3, false),
};
