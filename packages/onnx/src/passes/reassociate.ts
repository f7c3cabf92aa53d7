import { NONE, type Ops, type Tensor } from '@refusion/autodiff';
import type { GraphNode } from '../graph/node.js';
import { operationNamed } from '../graph/operations.js';
import { type Pass, type Renew, reachable, usersOf } from './rewrite.js';

/**
 * Small matrices are multiplied before images are, in convolutions and in the gradients of their filters:
 *
 *     conv(conv(x, A), W) = conv(x, W A)
 *     the filter's gradient between conv(x, A) and dy = (that between x and dy) A^T, and between x and conv(d, A) = A (...)
 *
 * where the image in between has no other use and is not smaller than what it is made of.
 */
export const reassociatedPass: Pass = (traced) => {
  const users = usersOf(reachable(traced.outputs));
  const outputs = new Set(Object.values(traced.outputs));
  const dissolves = (x: GraphNode): boolean =>
    !outputs.has(x) && isProduct(x, users) && (users.get(x) ?? []).every((user) => isProductOf(user, x));
  return (ops, node, renew) => {
    if (node.operation !== 'pointwise' && node.operation !== 'pointwiseFilterGrad') return null;
    const [a, b] = (traced.graph.nodes[node.id] as GraphNode).inputs as [GraphNode, GraphNode];
    const [x, y] = node.inputs as [GraphNode, GraphNode];
    if (node.operation === 'pointwise') return dissolves(a) ? convolved(ops, a, y, renew) : null;
    if (!dissolves(a) && !dissolves(b)) return null;
    const parts = (old: GraphNode, renewed: GraphNode): Part[] =>
      dissolves(old)
        ? termsOf(old).map((term) => apart(renew(term) as GraphNode))
        : [{ image: renewed, filter: null }];
    return gradient(ops, parts(a, x), parts(b, y));
  };
};

/** Whether an image is a convolution, or a sum of such that nobody else uses, with no fewer channels than it is made of. */
function isProduct(x: GraphNode, users: ReadonlyMap<GraphNode, readonly GraphNode[]>): boolean {
  if (x.operation === 'pointwise') {
    const [o, i] = (x.inputs[1] as GraphNode).shape as [number, number];
    return o >= i;
  }
  if (x.operation !== 'add' || x.shape.length !== 4) return false;
  return x.inputs.every((term) => users.get(term)?.length === 1 && isProduct(term, users));
}

function isProductOf({ operation, inputs }: GraphNode, x: GraphNode): boolean {
  if (operation === 'pointwiseFilterGrad') return true;
  return operation === 'pointwise' && inputs[0] === x && inputs[1] !== x;
}

function matrix(ops: Ops, filter: Tensor): Tensor {
  return ops.reshape(filter, filter.shape.slice(0, 2));
}

/** The product of two filters. */
function multiplied(ops: Ops, a: Tensor, b: Tensor): Tensor {
  const product = ops.matMul(matrix(ops, a), matrix(ops, b));
  return ops.reshape(product, [...product.shape, 1, 1]);
}

/** An image, as it is or convolved with a filter. */
interface Part {
  readonly image: GraphNode;
  readonly filter: GraphNode | null;
}

function apart(x: GraphNode): Part {
  if (x.operation !== 'pointwise') return { image: x, filter: null };
  const [image, filter] = x.inputs as [GraphNode, GraphNode];
  return { image, filter };
}

/** The convolutions that an image is the sum of. */
function termsOf(x: GraphNode): GraphNode[] {
  return x.operation === 'add' ? x.inputs.flatMap(termsOf) : [x];
}

/** conv(x, W), x as it was before this pass. */
function convolved(ops: Ops, x: GraphNode, filter: Tensor, renew: Renew): Tensor {
  const terms = termsOf(x).map((term) => {
    const part = apart(renew(term) as GraphNode);
    return ops.pointwise(part.image, part.filter ? multiplied(ops, filter, part.filter) : filter);
  });
  return terms.reduce((total, term) => ops.add(total, term));
}

/** The gradient of a filter between x and dy, each of which may be taken apart. */
function gradient(ops: Ops, x: readonly Part[], dy: readonly Part[]): Tensor {
  const terms = x.flatMap((from) =>
    dy.map((to) => {
      const inner = ops.apply(operationNamed('pointwiseFilterGrad'), [from.image, to.image], NONE);
      const right = from.filter ? multiplied(ops, inner, ops.transpose(from.filter, [1, 0, 2, 3])) : inner;
      return to.filter ? multiplied(ops, to.filter, right) : right;
    }),
  );
  return terms.reduce((total, term) => ops.add(total, term));
}
