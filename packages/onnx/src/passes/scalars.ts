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
  const origins = new Map<Tensor, GraphNode>();
  const isAlone = (x: GraphNode): boolean => {
    const old = origins.get(x);
    return old !== undefined && users.get(old)?.length === 1 && !outputs.has(old);
  };
  return (ops, node) => {
    const inputs = node.inputs.map(apart);
    const result = isProduct(node)
      ? product(ops, node, inputs as [Scaled, Scaled], isAlone)
      : inputs.some(({ factor }) => factor !== 1)
        ? linear(ops, node, inputs, isAlone)
        : null;
    const renewed = result ?? ops.apply(operationOf(node), node.inputs, node.attrs);
    const old = traced.graph.nodes[node.id] as GraphNode;
    origins.set(renewed, old);
    // Without its factor it is used by the same.
    const { x } = apart(renewed as GraphNode);
    if (!origins.has(x)) origins.set(x, old);
    return renewed;
  };
};

/** Whether a node of the new graph comes of one that a single other uses. */
type IsAlone = (x: GraphNode) => boolean;

function isProduct({ operation }: GraphNode): boolean {
  return operation === 'mul' || operation === 'div';
}

/** factor x */
interface Scaled {
  readonly x: GraphNode;
  readonly factor: number;
}

function apart(node: GraphNode): Scaled {
  if (node.operation !== 'mul' || !isLarge(node)) return { x: node, factor: 1 };
  const [a, b] = node.inputs as [GraphNode, GraphNode];
  const [left, right] = [factorOf(a), factorOf(b)];
  if (right !== null) return { x: a, factor: right };
  return left === null ? { x: node, factor: 1 } : { x: b, factor: left };
}

/** Whether a node has pixels: what is small may keep its factor. */
function isLarge({ shape }: GraphNode): boolean {
  return shape.length === 4 && (shape[1] as number) * (shape[2] as number) > 1;
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
  isAlone: IsAlone,
): Tensor | null {
  const number = factorOf(b.x);
  const by = (x: Scaled, y: Scaled): number =>
    node.operation === 'mul' ? x.factor * y.factor : x.factor / y.factor;
  if (number !== null) {
    const factor = by(a, { x: b.x, factor: number });
    return absorbed(ops, a.x, factor, isAlone) ?? times(ops, a.x, factor);
  }
  if (a.factor === 1 && b.factor === 1) return null;
  const factor = by(a, b);
  if (isLarge(node) && !isLarge(b.x)) {
    return ops.apply(
      operationOf(node),
      [a.x, times(ops, b.x, node.operation === 'mul' ? factor : 1 / factor)],
      NONE,
    );
  }
  return times(ops, ops.apply(operationOf(node), [a.x, b.x], NONE), factor);
}

/** An image times a number, if a filter of something that nobody else uses can take it over; else null. */
function absorbed(ops: Ops, x: GraphNode, factor: number, isAlone: IsAlone): Tensor | null {
  if (!isAlone(x)) return null;
  if (CONVOLUTIONS.has(x.operation)) return convolved(ops, x, factor);
  const [a, b] = x.inputs as [GraphNode, GraphNode];
  if (x.operation === 'mul') {
    const first = absorbed(ops, a, factor, isAlone);
    if (first) return ops.mul(first, b);
    const second = absorbed(ops, b, factor, isAlone);
    return second && ops.mul(a, second);
  }
  if (x.operation !== 'add' || !isLarge(a) || !isLarge(b)) return null;
  const terms = [absorbed(ops, a, factor, isAlone), absorbed(ops, b, factor, isAlone)];
  return terms.every((term) => term !== null) ? ops.add(terms[0] as Tensor, terms[1] as Tensor) : null;
}

/** A convolution times a number: its filter is. */
function convolved(ops: Ops, node: GraphNode, factor: number): Tensor {
  const [x, filter] = node.inputs as [GraphNode, GraphNode];
  return ops.apply(operationOf(node), [x, ops.mul(filter, factor)], node.attrs);
}

/** A linear operation on images with factors. */
function linear(ops: Ops, node: GraphNode, inputs: readonly Scaled[], isAlone: IsAlone): Tensor | null {
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
  if (adds && alike) return times(ops, plain(), a.factor);
  if (node.operation !== 'add' || !b || !isLarge(a.x) || !isLarge(b.x)) return null;
  // Different factors: one of the terms takes over their ratio, and the other's factor is everybody's.
  const second = absorbed(ops, b.x, b.factor / a.factor, isAlone);
  if (second) return times(ops, ops.add(a.x, second), a.factor);
  const first = absorbed(ops, a.x, a.factor / b.factor, isAlone);
  return first && times(ops, ops.add(first, b.x), b.factor);
}
