import { type Shape, sameShape } from '@refusion/core';
import { type GraphNode, type NodeAttrs, valuesOf } from './node.js';

/**
 * A node that has the value already that an operation would give, or null: nothing is added, multiplied, moved or cut.
 * Derivatives are full of such steps.
 */
export function simplified(
  operation: string,
  inputs: readonly GraphNode[],
  attrs: NodeAttrs,
  shape: Shape,
): GraphNode | null {
  const [x, y] = inputs as [GraphNode, GraphNode | undefined];
  if (operation === 'reshape') return sameShape(x.shape, shape) ? x : null;
  if (operation === 'transpose') {
    return (attrs['permutation'] as readonly number[]).every((axis, i) => axis === i) ? x : null;
  }
  if (operation === 'sum' || operation === 'slice' || operation === 'broadcastTo') {
    return sameShape(x.shape, shape) ? x : null;
  }
  const neutral = NEUTRAL[operation];
  if (neutral === undefined || !y) return null;
  if (isAll(y, neutral) && sameShape(x.shape, shape)) return x;
  const commutes = operation === 'add' || operation === 'mul';
  return commutes && isAll(x, neutral) && sameShape(y.shape, shape) ? y : null;
}

/** The number that changes nothing on the right. */
const NEUTRAL: { readonly [operation: string]: number } = { add: 0, sub: 0, mul: 1, div: 1 };

function isAll(node: GraphNode, value: number): boolean {
  return valuesOf(node)?.every((x) => x === value) ?? false;
}

/** What a node that moves numbers about is applied to in the end: the first of a chain of reshapes. */
export function sourceOf(operation: string, x: GraphNode): GraphNode {
  return operation === 'reshape' && x.operation === 'reshape' ? (x.inputs[0] as GraphNode) : x;
}
