import type { Ops, Tensor } from '@refusion/autodiff';
import type { GraphNode } from '../graph/node.js';
import type { TracedGraph } from '../graph/trace.js';
import { type Renew, type Rule, reachable, usersOf } from './rewrite.js';

/** Wider stacks cost more multiplications than they save memory traffic. */
const MOST_CHANNELS = 64;

/** Queries and keys, images of one source. */
type Pair = readonly [GraphNode, GraphNode];

/**
 * Queries and keys of one image are computed as one image with the channels of both. Its Gram matrix holds, as blocks
 * and on the diagonal, all products and squared lengths that attention needs, from a single pass over the pixels.
 */
export function stackedProductsPass(traced: TracedGraph): Rule {
  const pairs = pairsOf(reachable(traced.outputs));
  return (ops, node, renew) => {
    if (node.operation !== 'gram' && node.operation !== 'squaredNorms') return null;
    const images = (traced.graph.nodes[node.id] as GraphNode).inputs.map((columns) => columns.inputs[0]);
    const [first, last] = [images[0] as GraphNode, images.at(-1) as GraphNode];
    const pair = pairs.get(first);
    if (!pair || pair !== pairs.get(last)) return null;
    const products = stackedProducts(ops, pair, renew);
    if (!products) return null;
    const [row, column] = [beginIn(pair, first), beginIn(pair, last)];
    const [rows, columns] = [first, last].map(({ shape }) => shape[3] as number) as [number, number];
    const batch = products.shape[0] as number;
    const block = ops.slice(products, [0, row, column], [batch, rows, columns]);
    return node.operation === 'gram' ? block : diagonal(ops, block);
  };
}

function beginIn([q]: Pair, member: GraphNode): number {
  return member === q ? 0 : (q.shape[3] as number);
}

/** `[B,C,C] -> [B,1,C]` */
function diagonal(ops: Ops, block: Tensor): Tensor {
  const channels = block.shape[2] as number;
  const unit = Float64Array.from({ length: channels ** 2 }, (_unused, i) =>
    i % (channels + 1) === 0 ? 1 : 0,
  );
  return ops.sum(ops.mul(block, ops.constant(unit, [1, channels, channels])), [1], { keepDims: true });
}

/** Pairs whose members are used for products alone, by member. */
function pairsOf(nodes: readonly GraphNode[]): Map<GraphNode, Pair> {
  const uses = usersOf(nodes);
  const forProductsAlone = (image: GraphNode): boolean =>
    (uses.get(image) ?? []).every(
      (columns) =>
        columns.operation === 'reshape' &&
        (uses.get(columns) ?? []).every(
          ({ operation }) => operation === 'gram' || operation === 'squaredNorms',
        ),
    );
  const pairs = new Map<GraphNode, Pair>();
  for (const { operation, inputs } of nodes) {
    if (operation !== 'gram') continue;
    const [q, k] = inputs.map((columns) => columns.inputs[0]) as [
      GraphNode | undefined,
      GraphNode | undefined,
    ];
    if (!q || !k || q === k || pairs.has(q) || pairs.has(k)) continue;
    const [ofQ, ofK] = [projectionOf(q), projectionOf(k)];
    const channels = (q.shape[3] ?? 0) + (k.shape[3] ?? 0);
    if (!ofQ || !ofK || ofQ.source !== ofK.source || channels > MOST_CHANNELS) continue;
    if (!forProductsAlone(q) || !forProductsAlone(k)) continue;
    const pair: Pair = [q, k];
    pairs.set(q, pair).set(k, pair);
  }
  return pairs;
}

/** depthwise(pointwise(source, wide) + constant, deep) */
interface Projection {
  readonly source: GraphNode;
  readonly wide: GraphNode;
  readonly constant: GraphNode | null;
  readonly deep: GraphNode;
}

function projectionOf(image: GraphNode): Projection | null {
  if (image.operation !== 'depthwise') return null;
  const [inner, deep] = image.inputs as [GraphNode, GraphNode];
  const [sum, constant] =
    inner.operation === 'add' ? (inner.inputs as [GraphNode, GraphNode]) : [inner, null];
  if (sum.operation !== 'pointwise' || (constant && constant.shape.length !== 1)) return null;
  const [source, wide] = sum.inputs as [GraphNode, GraphNode];
  return { source, wide, constant, deep };
}

function stackedProducts(ops: Ops, pair: Pair, renew: Renew): Tensor | null {
  const renewed = pair.map(renew);
  const [q, k] = renewed.map((image) => image && projectionOf(image));
  if (!q || !k || !q.constant !== !k.constant) return null;
  const projected = ops.pointwise(q.source, ops.concat([q.wide, k.wide], 0));
  const shifted =
    q.constant && k.constant ? ops.add(projected, ops.concat([q.constant, k.constant], 0)) : projected;
  const stack = ops.depthwise(shifted, ops.concat([q.deep, k.deep], 0));
  const [b, h, w, c] = stack.shape as [number, number, number, number];
  const columns = ops.reshape(stack, [b, h * w, c]);
  return ops.gram(columns, columns);
}
