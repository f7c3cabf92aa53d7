import type { GraphNode } from '../graph/node.js';
import { formatSize } from '../graph/sizes.js';
import type { TracedGraph } from '../graph/trace.js';
import type { ModelWriter } from '../model/writer.js';
import { reachable } from '../passes/rewrite.js';
import { BlockedContext } from './blocked/context.js';
import { BlockedLowering } from './blocked/lower.js';
import { LoweringContext } from './context.js';
import { elementwiseLowerings, type Lowering } from './elementwise.js';
import { channelsFirst, identityOrder, type Order } from './order.js';
import { structureLowerings } from './structure.js';

const LOWERINGS: { readonly [operation: string]: Lowering } = {
  ...elementwiseLowerings,
  ...structureLowerings,
};

/** How a model's inputs and outputs are stored. */
export type Layout = 'channels-first' | 'row-major';

/** Images, of four axes, have their channels first, as ONNX has them; others are as the op set has them. */
export function orderFor(rank: number, layout: Layout | undefined): Order {
  return (layout ?? (rank === 4 ? 'channels-first' : 'row-major')) === 'channels-first' && rank >= 3
    ? channelsFirst(rank)
    : identityOrder(rank);
}

/**
 * Writes a graph's nodes as operators of ONNX.
 * @param block how many channels of images are stored side by side. Default: public operators alone.
 */
export function lower(
  writer: ModelWriter,
  { inputs, outputs, sizes }: TracedGraph,
  layouts: Readonly<Record<string, Layout>>,
  block?: number,
): void {
  const nodes = reachable(outputs);
  const inBlocks = block === undefined ? null : new BlockedContext(writer, sizes, nodes, block);
  const context = inBlocks ?? new LoweringContext(writer, sizes, nodes);
  const blocked = inBlocks && new BlockedLowering(inBlocks, nodes, new Set(Object.values(outputs)));
  const axesOf = (node: GraphNode, order: Order): (number | string)[] =>
    order.map((axis) => {
      const length = node.shape[axis] as number;
      if (sizes.symbols.length === 0) return length;
      const size = sizes.of(length);
      const text = formatSize(size, sizes.symbols);
      return /^\d+$/.test(text) ? Number(text) : text;
    });
  for (const [name, node] of Object.entries(inputs)) {
    const order = orderFor(node.shape.length, layouts[name]);
    const axes = axesOf(node, order);
    writer.input(name, axes);
    for (const [i, axis] of axes.entries()) if (typeof axis === 'string') context.learnLength(axis, name, i);
    context.keep(node, { name, order });
  }
  for (const node of nodes) {
    if (node.operation === 'input' || node.operation === 'constant') continue;
    if (blocked?.lower(node)) continue;
    const lowering = LOWERINGS[node.operation];
    if (!lowering) throw new TypeError(`onnx: the operation "${node.operation}" has no lowering`);
    const stored = lowering(context, node);
    context.keep(node, stored);
    writer.describe(stored.name, axesOf(node, stored.order));
  }
  for (const [name, node] of Object.entries(outputs)) {
    const order = orderFor(node.shape.length, layouts[name]);
    writer.output(name, axesOf(node, order), context.in(node, order));
  }
}
