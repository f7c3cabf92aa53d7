import { NONE, type Ops, type Tensor } from '@refusion/autodiff';
import { type GraphNode, scalarOf } from '../graph/node.js';
import { operationOf, type Pass, reachable, usersOf } from './rewrite.js';

const CONVOLUTIONS = new Set(['pointwise', 'depthwise', 'conv3x3', 'mix']);
const FILTER_GRADIENTS = new Set(['pointwiseFilterGrad', 'depthwiseFilterGrad', 'conv3x3FilterGrad', 'gram']);
/** Operations of one image that commute with a factor. */
const LINEAR = new Set(['sum', 'reshape', 'transpose', 'slice', 'pad', 'broadcastTo']);

/**
 * Constant factors of images travel on to what is small: through everything that is linear, into filters and into their
 * gradients, so that no image is written only to be multiplied by a number. A factor of a convolution that is used with it
 * alone goes into its filter at once.
 */
export const scalarsPass: Pass = (traced) => {
  const users = usersOf(reachable(traced.outputs));
  const outputs = new Set(Object.values(traced.outputs));
  return (ops, node) => {
    const inputs = node.inputs.map(apart);
    if (node.operation === 'mul' || node.operation === 'div') {
      const old = (traced.graph.nodes[node.id] as GraphNode).inputs[0] as GraphNode;
      const isAlone = users.get(old)?.length === 1 && !outputs.has(old);
      return product(ops, node, inputs as [Scaled, Scaled], isAlone);
    }
    return inputs.some(({ factor }) => factor !== 1) ? linear(ops, node, inputs) : null;
  };
};

/** factor x */
interface Scaled {
  readonly x: GraphNode;
  readonly factor: number;
}

function apart(node: GraphNode): Scaled {
  if (node.operation !== 'mul') return { x: node, factor: 1 };
  const [a, b] = node.inputs as [GraphNode, GraphNode];
  const [left, right] = [factorOf(a), factorOf(b)];
  if (right !== null) return { x: a, factor: right };
  return left === null ? { x: node, factor: 1 } : { x: b, factor: left };
}

/** The number that a constant without axes is. */
function factorOf(node: GraphNode): number | null {
  return node.shape.length === 0 ? scalarOf(node) : null;
}

function times(ops: Ops, x: Tensor, factor: number): Tensor {
  return factor === 1 ? x : ops.mul(x, factor);
}

function product(
  ops: Ops,
  node: GraphNode,
  [a, b]: readonly [Scaled, Scaled],
  isAlone: boolean,
): Tensor | null {
  const number = factorOf(b.x);
  if (number !== null) {
    const factor = a.factor * (node.operation === 'mul' ? number : 1 / number);
    if (isAlone && CONVOLUTIONS.has(a.x.operation)) return convolved(ops, a.x, factor);
    return a.factor === 1 && node.operation === 'mul' ? null : times(ops, a.x, factor);
  }
  if (a.factor === 1 && b.factor === 1) return null;
  const factor = node.operation === 'mul' ? a.factor * b.factor : a.factor / b.factor;
  return times(ops, ops.apply(operationOf(node), [a.x, b.x], NONE), factor);
}

/** A convolution times a number: its filter is. */
function convolved(ops: Ops, node: GraphNode, factor: number): Tensor {
  const [x, filter] = node.inputs as [GraphNode, GraphNode];
  return ops.apply(operationOf(node), [x, ops.mul(filter, factor)], node.attrs);
}

/** A linear operation on images with factors. */
function linear(ops: Ops, node: GraphNode, inputs: readonly Scaled[]): Tensor | null {
  const plain = (): Tensor =>
    ops.apply(
      operationOf(node),
      inputs.map(({ x }) => x),
      node.attrs,
    );
  const [a, b] = inputs as [Scaled, Scaled | undefined];
  if (CONVOLUTIONS.has(node.operation) && b) {
    const filter = times(ops, b.x, a.factor * b.factor);
    return ops.apply(operationOf(node), [a.x, filter], node.attrs);
  }
  if (FILTER_GRADIENTS.has(node.operation) && b) return times(ops, plain(), a.factor * b.factor);
  if (LINEAR.has(node.operation)) return times(ops, plain(), a.factor);
  if (node.operation === 'layerNormInputGrad' && b && a.factor === 1) return times(ops, plain(), b.factor);
  const alike = inputs.every(({ factor }) => factor === a.factor);
  const adds = ['add', 'sub', 'concat'].includes(node.operation);
  return adds && alike ? times(ops, plain(), a.factor) : null;
}
