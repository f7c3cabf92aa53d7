import type { Ops, Tensor } from '@refusion/autodiff';
import type { GraphNode } from '../graph/node.js';
import type { Rule } from './rewrite.js';

/**
 * Small matrices are multiplied first: a pointwise convolution of pixels that a matrix has mixed,
 * `conv(v M)`, is one product of the pixels with `M W^T`.
 */
export function smallProductsFirstPass(): Rule {
  return (ops, node) => {
    if (node.operation !== 'pointwise') return null;
    const [mixed, filter] = node.inputs as [GraphNode, GraphNode];
    const product = mixed.operation === 'reshape' ? (mixed.inputs[0] as GraphNode) : null;
    if (product?.operation !== 'matMul' || product.shape.length !== 3) return null;
    const [pixels, matrix] = product.inputs as [GraphNode, GraphNode];
    if (pixels.shape[1] !== product.shape[1] || product.shape[2] !== filter.shape[1]) return null;
    if (matrix.operation === 'constant' || product.shape[0] !== mixed.shape[0]) return null;
    const mixing = ops.matMul(
      rowsOf(ops, matrix),
      ops.swapLast(ops.reshape(filter, filter.shape.slice(0, 2))),
    );
    const small = ops.reshape(mixing, [...matrix.shape.slice(0, 2), filter.shape[0] as number]);
    return ops.reshape(ops.matMul(pixels, small), node.shape);
  };
}

/** The rows of all matrices `[B,n,m]` as one matrix. */
function rowsOf(ops: Ops, matrices: GraphNode): Tensor {
  const [batch, rows, columns] = matrices.shape as [number, number, number];
  return ops.reshape(matrices, [batch * rows, columns]);
}

const CONVOLUTIONS = ['pointwise', 'conv3x3', 'depthwise'];

/**
 * Sums of several convolutions and something else: convolutions are added to each other first, which the runtime does
 * while it computes the second one.
 */
export function convolutionsAddedFirstPass(): Rule {
  return (ops, node) => {
    if (node.operation !== 'add') return null;
    const [first, last] = node.inputs as [GraphNode, GraphNode];
    if (!CONVOLUTIONS.includes(last.operation) || first.operation !== 'add') return null;
    const [other, middle] = first.inputs as [GraphNode, GraphNode];
    if (!CONVOLUTIONS.includes(middle.operation) || CONVOLUTIONS.includes(other.operation)) return null;
    if ([other, middle, last].some(({ shape }) => `${shape}` !== `${node.shape}`)) return null;
    return ops.add(other, ops.add(middle, last));
  };
}
