import type { Tensor } from '@refusion/autodiff';
import type { Shape } from '@refusion/core';

/**
 * A value of the graph interpreter: what an operation would compute. Nodes are immutable and hash-consed by their
 * graph, so equal nodes are one object.
 */
export interface GraphNode extends Tensor {
  /** The place among the nodes of its graph; inputs come before the nodes that use them. */
  readonly id: number;
  /** An operation of the op set, or `input` or `constant`. */
  readonly operation: string;
  readonly inputs: readonly GraphNode[];
  readonly attrs: NodeAttrs;
  readonly shape: Shape;
}

/** Attributes of an operation, as the op set defines them; of an input its name, of a constant its values. */
export type NodeAttrs = Readonly<Record<string, unknown>>;

export function isNode(x: Tensor): x is GraphNode {
  return 'operation' in x && 'inputs' in x && 'id' in x;
}

/** The values of a constant; null for any other node. */
export function valuesOf(node: GraphNode): Float64Array | null {
  return node.operation === 'constant' ? (node.attrs['values'] as Float64Array) : null;
}

/** The one number that a scalar constant holds, or null. */
export function scalarOf(node: GraphNode): number | null {
  const values = valuesOf(node);
  return values && values.length === 1 ? (values[0] as number) : null;
}
