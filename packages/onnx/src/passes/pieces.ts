import type { Ops, Tensor } from '@refusion/autodiff';
import { sameShape } from '@refusion/core';
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
export const piecesPass: Pass = () => {
  const known = new Map<GraphNode, readonly Piece[] | null>();
  return (ops, node) => {
    if (node.operation !== 'add') return null;
    const pieces = piecesOf(node, known);
    return pieces ? joined(ops, node, pieces) : null;
  };
};

type Known = Map<GraphNode, readonly Piece[] | null>;

/** What a tensor is the sum of, if that is pieces alone, and no more than have a place in it. */
function piecesOf(x: GraphNode, known: Known): readonly Piece[] | null {
  const found = known.get(x);
  if (found !== undefined) return found;
  const pieces = x.operation === 'add' ? piecesOfSum(x, known) : pieceOf(x);
  known.set(x, pieces);
  return pieces;
}

function piecesOfSum(sum: GraphNode, known: Known): readonly Piece[] | null {
  const pieces: Piece[] = [];
  for (const term of sum.inputs) {
    const own = sameShape(term.shape, sum.shape) ? piecesOf(term, known) : null;
    if (!own) return null;
    pieces.push(...own);
  }
  return pieces.length <= Math.max(...sum.shape) ? pieces : null;
}

function pieceOf(node: GraphNode): readonly Piece[] | null {
  if (node.operation !== 'pad') return null;
  const tensor = node.inputs[0] as GraphNode;
  const { before } = node.attrs as unknown as { readonly before: Numbers };
  const axes = node.shape.flatMap((length, axis) => (length === tensor.shape[axis] ? [] : [axis]));
  const [axis] = axes;
  return axis !== undefined && axes.length === 1 ? [{ tensor, axis, begin: before[axis] as number }] : null;
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
