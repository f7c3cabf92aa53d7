import { NONE, type Ops, type Tensor } from '@refusion/autodiff';
import { type GraphNode, scalarOf } from '../graph/node.js';
import { affine, choose, operationNamed } from '../graph/operations.js';
import { type Pass, reachable } from './rewrite.js';

/** 2 / sqrt pi: the slope of erf at 0. */
const C = 2 / Math.sqrt(Math.PI);

/**
 * GELU and its slope of the same image are written out so that they share what they can, with a = x / sqrt 2,
 * c = 2 / sqrt pi and u = (1 + erf a) / (2 c), which is from 0 to 1:
 *
 *     gelu x = a u c sqrt 2          slope = (2 u + a / exp a^2) c / 2
 *
 * The factors at the end travel on into filters. GELU alone is left to the runtime's own operator.
 */
export const geluPass: Pass = (traced) => {
  const nodes = reachable(traced.outputs);
  const sloped = new Set(nodes.flatMap(({ operation, inputs }) => (operation === 'geluSlope' ? inputs : [])));
  return (ops, node) => {
    const [x] = node.inputs as [GraphNode];
    const old = (traced.graph.nodes[node.id] as GraphNode).inputs[0] as GraphNode;
    if (node.operation === 'gelu' && sloped.has(old)) {
      const { a, u } = shared(ops, x);
      return ops.mul(ops.mul(a, u), C * Math.SQRT2);
    }
    if (node.operation !== 'geluSlope') return null;
    const { a, u } = shared(ops, x);
    const twice = ops.apply(affine, [u], { factor: 2, offset: 0 });
    return ops.mul(ops.add(twice, ops.div(a, ops.exp(ops.mul(a, a)))), C / 2);
  };
};

function shared(ops: Ops, x: GraphNode): { a: Tensor; u: Tensor } {
  const a = ops.mul(x, Math.SQRT1_2);
  return { a, u: ops.apply(affine, [ops.erf(a)], { factor: 0.5 / C, offset: 0.5 / C }) };
}

/**
 * A leaky rectifier as it comes out of its definition, by the sign of its argument, becomes one operation again, and so
 * does the product of its slope with something else.
 */
export const rectifierPass: Pass = () => (ops, node) => {
  if (node.operation !== 'mul') return null;
  const [a, b] = node.inputs as [GraphNode, GraphNode];
  return rectified(ops, a, b) ?? rectified(ops, b, a);
};

function rectified(ops: Ops, d: GraphNode, factor: GraphNode): Tensor | null {
  const slope = slopeIn(factor);
  if (!slope || `${slope.x.shape}` !== `${d.shape}`) return null;
  if (slope.x === d) return ops.apply(operationNamed('prelu'), [d, slope.below], NONE);
  return ops.apply(choose, [slope.x, d, ops.mul(d, slope.below)], NONE);
}

/** Where x > 0 a factor is 1, elsewhere it is `below`: p + (1 - p) below, p = max(sign x, 0). */
function slopeIn(factor: GraphNode): { x: GraphNode; below: GraphNode } | null {
  if (factor.operation !== 'add') return null;
  const [positive, rest] = factor.inputs as [GraphNode, GraphNode];
  const x = positiveOf(positive);
  if (!x || rest.operation !== 'mul') return null;
  const [others, below] = rest.inputs as [GraphNode, GraphNode];
  const isRest = others.operation === 'sub' && scalarOf(others.inputs[0] as GraphNode) === 1;
  return isRest && others.inputs[1] === positive ? { x, below } : null;
}

function positiveOf({ operation, inputs }: GraphNode): GraphNode | null {
  const [sign, zero] = inputs as [GraphNode | undefined, GraphNode | undefined];
  const fits = operation === 'maximum' && sign?.operation === 'sign' && zero && scalarOf(zero) === 0;
  return fits ? (sign.inputs[0] as GraphNode) : null;
}
