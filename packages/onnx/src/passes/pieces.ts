import type { Ops, Tensor } from '@refusion/autodiff';
import type { GraphNode } from '../graph/node.js';
import type { Pass } from './rewrite.js';

type Numbers = readonly number[];

/** A tensor that zeros fill up along one axis, and where along it the tensor begins. */
interface Piece {
  readonly tensor: GraphNode;
  readonly axis: number;
  readonly begin: number;
}

/**
 * Tensors that are filled up with zeros along one axis and added, so that each stands in a place of its own and none is
 * left out, are put one after another: what the derivative of cutting a tensor into pieces comes to.
 */
export const piecesPass: Pass = () => (ops, node) => {
  if (node.operation !== 'add') return null;
  const pieces = termsOf(node, node).map(pieceOf);
  return pieces.every((piece) => piece !== null) ? joined(ops, node, pieces as Piece[]) : null;
};

/** The terms of a sum of tensors of one shape. */
function termsOf(x: GraphNode, sum: GraphNode): GraphNode[] {
  const isSum = x.operation === 'add' && x.inputs.every((term) => sameShape(term, sum));
  return isSum ? x.inputs.flatMap((term) => termsOf(term, sum)) : [x];
}

function sameShape(x: Tensor, y: Tensor): boolean {
  return `${x.shape}` === `${y.shape}`;
}

function pieceOf(node: GraphNode): Piece | null {
  if (node.operation !== 'pad') return null;
  const tensor = node.inputs[0] as GraphNode;
  const { before } = node.attrs as unknown as { readonly before: Numbers };
  const axes = node.shape.flatMap((length, axis) => (length === tensor.shape[axis] ? [] : [axis]));
  const [axis] = axes;
  return axis !== undefined && axes.length === 1 ? { tensor, axis, begin: before[axis] as number } : null;
}

/** Pieces one after another, if they fill a shape without gaps. */
function joined(ops: Ops, { shape }: GraphNode, pieces: readonly Piece[]): Tensor | null {
  const [first] = pieces as readonly [Piece];
  const { axis } = first;
  const inOrder = pieces.toSorted((a, b) => a.begin - b.begin);
  let end = 0;
  for (const piece of inOrder) {
    if (piece.axis !== axis || piece.begin !== end) return null;
    end += piece.tensor.shape[axis] as number;
  }
  if (end !== shape[axis]) return null;
  return ops.concat(
    inOrder.map(({ tensor }) => tensor),
    axis,
  );
}
