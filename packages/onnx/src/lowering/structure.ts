import { sizeOf } from '@refusion/core';
import type { GraphNode } from '../graph/node.js';
import { constantSize } from '../graph/sizes.js';
import type { LoweringContext, Stored } from './context.js';
import { commonOrder, inputOf, type Lowering } from './elementwise.js';
import { channelsFirst, identityOrder, type Order, sameOrder } from './order.js';

type Numbers = readonly number[];
const numbers = (node: GraphNode, name: string): Numbers => node.attrs[name] as Numbers;

function reduction(type: string): Lowering {
  return (context, node) => {
    const order = commonOrder(context, node);
    const axes = numbers(node, 'axes').map((axis) => order.indexOf(axis));
    const reduced = context.writer.op(
      type,
      [context.in(inputOf(node, 0), order), context.writer.integers(axes.sort((a, b) => a - b))],
      { keepdims: 1 },
    );
    return { name: reduced, order };
  };
}

/** Whether a node adds up the channels of images that are stored with their channels first. */
function sumsChannels(context: LoweringContext, node: GraphNode): boolean {
  const order = context.orderOf(inputOf(node, 0));
  return `${numbers(node, 'axes')}` === '3' && order !== null && sameOrder(order, channelsFirst(4));
}

/** A product with a row of ones, which the runtime computes in half the time of the sum. */
function channelSum(context: LoweringContext, node: GraphNode): Stored {
  const { writer } = context;
  const x = inputOf(node, 0);
  const channels = x.shape[3] as number;
  const order = channelsFirst(4);
  const pixels = writer.op('Reshape', [context.in(x, order), writer.integers([0, 0, -1])]);
  const ones = writer.floats(new Float64Array(channels).fill(1), [1, 1, channels]);
  return { name: context.reshaped(writer.op('MatMul', [ones, pixels]), node.shape, order), order };
}

/** A sum; over pixels, row by row and then all rows: one float32 sum over all of them would lose digits. */
function sumOfRows(context: LoweringContext, node: GraphNode): Stored {
  const axes = numbers(node, 'axes');
  const x = inputOf(node, 0);
  if (x.shape.length !== 4 || !axes.includes(1) || !axes.includes(2)) {
    return reduction('ReduceSum')(context, node);
  }
  const order = commonOrder(context, node);
  const sum = (name: string, over: Numbers): string =>
    context.writer.op(
      'ReduceSum',
      [name, context.writer.integers(over.map((axis) => order.indexOf(axis)).sort((a, b) => a - b))],
      { keepdims: 1 },
    );
  const rows = sum(context.in(x, order), [2]);
  return {
    name: sum(
      rows,
      axes.filter((axis) => axis !== 2),
    ),
    order,
  };
}

/** A sum; of squares that nobody else needs, without writing them down. */
function sum(context: LoweringContext, node: GraphNode): Stored {
  const squares = inputOf(node, 0);
  const isSquare = squares.operation === 'mul' && squares.inputs[0] === squares.inputs[1];
  if (sumsChannels(context, node) && !isSquare) return channelSum(context, node);
  if (!isSquare || context.useCount(squares) > 1) return sumOfRows(context, node);
  return reduction('ReduceSumSquare')(context, { ...node, inputs: [inputOf(squares, 0)] });
}

function broadcastTo(context: LoweringContext, node: GraphNode): Stored {
  const order = commonOrder(context, node);
  const target = order.map((axis) => node.shape[axis] as number);
  const name = context.in(inputOf(node, 0), order);
  return { name: context.writer.op('Expand', [name, context.lengths(target)]), order };
}

/** Pixels are merged or parted while the channels stay before them: no number moves. */
function reshape(context: LoweringContext, node: GraphNode): Stored {
  const x = inputOf(node, 0);
  const rank = node.shape.length;
  const own = context.orderOf(x);
  const keepsEnds =
    rank >= 3 && x.shape.length >= 3 && x.shape[0] === node.shape[0] && x.shape.at(-1) === node.shape.at(-1);
  if (keepsEnds && own && sameOrder(own, channelsFirst(x.shape.length))) {
    const order = channelsFirst(rank);
    return { name: context.reshaped(context.in(x, own), node.shape, order), order };
  }
  const order = identityOrder(rank);
  return { name: context.reshaped(context.plain(x), node.shape, order), order };
}

/** Only the meaning of the axes changes; whoever needs an order stores it. */
function transpose(context: LoweringContext, node: GraphNode): Stored {
  const x = inputOf(node, 0);
  const own = context.orderOf(x) ?? identityOrder(x.shape.length);
  const permutation = numbers(node, 'permutation');
  return { name: context.in(x, own), order: own.map((axis) => permutation.indexOf(axis)) };
}

function slice(context: LoweringContext, node: GraphNode): Stored {
  const order = commonOrder(context, node);
  const [begin, size] = [numbers(node, 'begin'), numbers(node, 'size')];
  const cut = order.filter((axis) => size[axis] !== inputOf(node, 0).shape[axis]);
  if (cut.length === 0) return { name: context.in(inputOf(node, 0), order), order };
  const starts = cut.map((axis) => begin[axis] as number);
  const name = context.writer.op('Slice', [
    context.in(inputOf(node, 0), order),
    context.lengths(starts),
    context.lengths(cut.map((axis) => (begin[axis] as number) + (size[axis] as number))),
    context.writer.integers(cut.map((axis) => order.indexOf(axis))),
  ]);
  return { name, order };
}

function pad(context: LoweringContext, node: GraphNode): Stored {
  const order = commonOrder(context, node);
  const widths = ['before', 'after'].flatMap((side) =>
    order.map((axis) => numbers(node, side)[axis] as number),
  );
  const name = context.writer.op('Pad', [context.in(inputOf(node, 0), order), context.lengths(widths)]);
  return { name, order };
}

function concat(context: LoweringContext, node: GraphNode): Stored {
  const order = commonOrder(context, node);
  const parts = node.inputs.map((input) => context.in(input, order));
  const axis = order.indexOf((node.attrs as { readonly axis: number }).axis);
  return { name: context.writer.op('Concat', parts, { axis }), order };
}

/** Whether the last two axes are stored exchanged, all others in order. */
function isTransposed(order: Order | null): boolean {
  if (!order) return false;
  const rank = order.length;
  return sameOrder(order, [...identityOrder(rank - 2), rank - 1, rank - 2]);
}

function exchangedOrder(rank: number): Order {
  return [...identityOrder(rank - 2), rank - 1, rank - 2];
}

/** A product, transposed where its first factor is stored transposed: a^T and b^T give (a b)^T = b^T a^T. */
function matMul(context: LoweringContext, node: GraphNode): Stored {
  const [a, b] = [inputOf(node, 0), inputOf(node, 1)];
  const rank = node.shape.length;
  const [plain, exchanged] = [identityOrder(rank), exchangedOrder(rank)];
  const largestIsTransposed =
    sizeOf(a.shape) >= sizeOf(b.shape) ? isTransposed(context.orderOf(a)) : isTransposed(context.orderOf(b));
  if (largestIsTransposed) {
    return {
      name: context.writer.op('MatMul', [context.in(b, exchanged), context.in(a, exchanged)]),
      order: exchanged,
    };
  }
  return { name: context.writer.op('MatMul', [context.in(a, plain), context.in(b, plain)]), order: plain };
}

/** x^T y, both stored with channels first: the runtime reads the second one transposed, without a copy. */
function gram(context: LoweringContext, node: GraphNode): Stored {
  const [x, y] = [inputOf(node, 0), inputOf(node, 1)];
  const images = [imageBehind(x, context), imageBehind(y, context)] as const;
  const isLong = constantSize(context.sizes.of(x.shape[1] as number)) === null;
  if (isLong && images[0] && images[1]) return gramByRows(context, node, images[0], images[1]);
  const rows = context.in(x, [0, 2, 1]);
  const columns = context.writer.op('Transpose', [context.in(y, [0, 2, 1])], { perm: [0, 2, 1] });
  return { name: context.writer.op('MatMul', [rows, columns]), order: [0, 1, 2] };
}

/**
 * x^T y of images of any size, row by row and then all rows: one float32 sum over all pixels would lose digits. The
 * runtime reads both transposed, without a copy, as long as only the first of three axes moves; so the images of a batch
 * and their channels are one axis, of whose products those within an image are taken.
 */
function gramByRows(context: LoweringContext, node: GraphNode, x: GraphNode, y: GraphNode): Stored {
  const { writer } = context;
  const [batch, cx, cy] = node.shape as readonly [number, number, number];
  const flat = (image: GraphNode): string => {
    const stored = context.in(image, channelsFirst(4));
    const size = writer.op('Shape', [stored], { start: 2, end: 4 });
    return writer.op('Reshape', [stored, writer.op('Concat', [writer.integers([-1]), size], { axis: 0 })]);
  };
  const rows = writer.op('Transpose', [flat(x)], { perm: [1, 0, 2] });
  const columns = writer.op('Transpose', [flat(y)], { perm: [1, 2, 0] });
  const products = writer.op('MatMul', [rows, columns]);
  const total = writer.op('ReduceSum', [products, writer.integers([0])], { keepdims: 0 });
  const pairs = writer.op('Reshape', [total, context.lengths([batch, cx, batch, cy])]);
  return { name: writer.op('Einsum', [pairs], { equation: { text: 'bibj->bij' } }), order: [0, 1, 2] };
}

/** The image whose pixels the columns are, if it is stored with its channels first. */
function imageBehind(columns: GraphNode, context: LoweringContext): GraphNode | null {
  const image = columns.operation === 'reshape' ? inputOf(columns, 0) : null;
  return image && isImageOf(image, columns, context) ? image : null;
}

/** Squared lengths, row by row and then all rows: one float32 sum over all pixels would lose digits. */
function squaredNorms(context: LoweringContext, node: GraphNode): Stored {
  const { writer } = context;
  const columns = inputOf(node, 0);
  const order: Order = [0, 2, 1];
  const squares = (x: string, axis: number): string =>
    writer.op('ReduceSumSquare', [x, writer.integers([axis])], { keepdims: 1 });
  const image = columns.operation === 'reshape' ? inputOf(columns, 0) : null;
  if (!image || !isImageOf(image, columns, context)) {
    return { name: squares(context.in(columns, order), 2), order };
  }
  const rows = squares(context.in(image, channelsFirst(4)), 3);
  const total = writer.op('ReduceSum', [rows, writer.integers([2])], { keepdims: 1 });
  return { name: writer.op('Squeeze', [total, writer.integers([3])]), order };
}

/** Whether columns are the pixels of an image that is stored with its channels first. */
function isImageOf(image: GraphNode, columns: GraphNode, context: LoweringContext): boolean {
  const order = context.orderOf(image);
  return (
    order !== null &&
    sameOrder(order, channelsFirst(4)) &&
    image.shape[0] === columns.shape[0] &&
    image.shape[3] === columns.shape[2]
  );
}

export const structureLowerings: { readonly [operation: string]: Lowering } = {
  sum,
  max: reduction('ReduceMax'),
  broadcastTo,
  reshape,
  transpose,
  slice,
  pad,
  concat,
  matMul,
  gram,
  squaredNorms,
};
