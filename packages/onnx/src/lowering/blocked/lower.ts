import type { GraphNode } from '../../graph/node.js';
import type { Stored } from '../context.js';
import { channelsFirst } from '../order.js';
import type { BlockedContext } from './context.js';
import { convolution, convolutionToPlain, isConvolution, takesBias } from './convolution.js';
import { isMultiple, multipleAdded, valueByValue } from './elementwise.js';
import { layerNorm, layerNormInputGrad } from './layer-norm.js';
import { convolutionForm, fillsBlocks, placed, spreadOf } from './placement.js';
import {
  conv3x3FilterGrad,
  depthwiseFilterGrad,
  gram,
  pointwiseFilterGrad,
  squaredNorms,
} from './products.js';
import { concat, pad, slice, sum } from './structure.js';

type ToBlocks = (context: BlockedContext, node: GraphNode) => string;
type ToPlain = (context: BlockedContext, node: GraphNode) => Stored | null;

const STRUCTURE: { readonly [operation: string]: ToBlocks } = {
  concat,
  slice,
  pad,
  layerNorm,
  layerNormInputGrad,
};

const toPlain: ToPlain = (context, node) =>
  convolutionForm(node, context.block) === 'to plain'
    ? { name: convolutionToPlain(context, node), order: channelsFirst(4) }
    : null;

/** What gives plain values of blocked ones; each is null where that does not fit, and public operators do it. */
const PLAIN: { readonly [operation: string]: ToPlain } = {
  sum,
  pointwiseFilterGrad,
  depthwiseFilterGrad,
  conv3x3FilterGrad,
  gram: (context, node) => (ofBlockedColumns(context, node) ? gram(context, node) : null),
  squaredNorms: (context, node) => (ofBlockedColumns(context, node) ? squaredNorms(context, node) : null),
  pointwise: toPlain,
  conv3x3: toPlain,
};

/** Whether all inputs are the pixels of blocked images. */
function ofBlockedColumns(context: BlockedContext, node: GraphNode): boolean {
  return node.inputs.every((columns) => {
    const image = columns.operation === 'reshape' ? columns.inputs[0] : undefined;
    const fits = image?.shape.length === 4 && image.shape[3] === columns.shape[2];
    return fits && image.shape[0] === columns.shape[0] && fillsBlocks(image.shape, context.block);
  });
}

/** A convolution, or a chain of sums around one, that a sum computes together with itself. */
interface Fused {
  readonly convolution: GraphNode;
  readonly bias: GraphNode | null;
}

/**
 * Lowers the nodes of a graph to blocks, those that can be: `lower` asks it first.
 *
 * A sum of an image and of a convolution that nobody else uses is computed by the convolution, and so is the sum with a
 * vector; such convolutions wait until their sum comes.
 */
export class BlockedLowering {
  private readonly places: ReadonlySet<GraphNode>;
  private readonly fused = new Map<GraphNode, Fused>();
  private readonly waiting = new Set<GraphNode>();

  constructor(
    private readonly context: BlockedContext,
    nodes: readonly GraphNode[],
    outputs: ReadonlySet<GraphNode>,
  ) {
    this.places = placed(nodes, context.block);
    for (const node of nodes) this.plan(node, outputs);
  }

  /** Writes a node in blocks; false if it is not one of those. */
  lower(node: GraphNode): boolean {
    const { context } = this;
    if (this.waiting.has(node)) return true;
    if (this.places.has(node)) {
      context.keepBlocked(node, this.toBlocks(node));
      return true;
    }
    const lowering = Object.hasOwn(PLAIN, node.operation) ? PLAIN[node.operation] : undefined;
    const stored = lowering?.(context, node);
    if (stored) context.keep(node, stored);
    return Boolean(stored);
  }

  private toBlocks(node: GraphNode): string {
    const { context } = this;
    if (node.operation === 'add') {
      const [first, second] = node.inputs as [GraphNode, GraphNode];
      if (this.waiting.has(second)) return this.added(second, first);
      if (this.waiting.has(first)) return this.added(first, second);
    }
    if (isConvolution(node, context.block)) return convolution(context, node);
    const lowering = Object.hasOwn(STRUCTURE, node.operation) ? STRUCTURE[node.operation] : undefined;
    return (lowering ?? valueByValue)(context, node);
  }

  /** A sum that the convolution in one of its terms computes. */
  private added(term: GraphNode, other: GraphNode): string {
    const { context } = this;
    const { convolution: node, bias } = this.fused.get(term) as Fused;
    const isImage = spreadOf(other, term) === 'image';
    const vector = bias ?? (isImage ? null : other);
    const sum = isImage ? context.blocked(other) : undefined;
    if (node.operation === 'layerNormInputGrad') return layerNormInputGrad(context, node, sum);
    if (isMultiple(node)) return multipleAdded(context, node, sum);
    return convolution(context, node, {
      ...(vector ? { bias: context.view(context.plain(vector), [node.shape[3] as number]) } : {}),
      ...(sum ? { sum } : {}),
    });
  }

  /** Finds out whether a node is, or contains, a convolution that waits for the sum that uses it. */
  private plan(node: GraphNode, outputs: ReadonlySet<GraphNode>): void {
    const { context } = this;
    if (!this.places.has(node)) return;
    let fused: Fused | null = null;
    if (isConvolution(node, context.block) || node.operation === 'layerNormInputGrad' || isMultiple(node)) {
      fused = { convolution: node, bias: null };
    } else if (node.operation === 'add') {
      fused = this.withBias(node);
      this.choose(node);
    }
    if (fused && context.useCount(node) === 1 && !outputs.has(node)) this.fused.set(node, fused);
  }

  /** A convolution plus a vector, which can still be added to an image. */
  private withBias(node: GraphNode): Fused | null {
    const [a, b] = node.inputs as [GraphNode, GraphNode];
    for (const [term, vector] of [
      [a, b],
      [b, a],
    ] as const) {
      const inner = this.fused.get(term);
      if (inner && !inner.bias && isVector(vector, node) && canAdd(inner.convolution)) {
        return { convolution: inner.convolution, bias: vector };
      }
    }
    return null;
  }

  /** Which term of a sum waits for it: the later one, for the other is there by then. */
  private choose(node: GraphNode): void {
    const terms = [...node.inputs].sort((a, b) => b.id - a.id);
    const term = terms.find((candidate) => {
      const inner = this.fused.get(candidate);
      const other = node.inputs.find((input) => input !== candidate);
      if (!inner || !other) return false;
      if (spreadOf(other, node) === 'image') return true;
      return !inner.bias && isVector(other, node) && canAdd(inner.convolution);
    });
    if (term) this.waiting.add(term);
  }
}

function isVector(x: GraphNode, image: GraphNode): boolean {
  return spreadOf(x, image) === 'channels' && x.shape.slice(0, -1).every((length) => length === 1);
}

/** Whether a convolution adds a vector. */
function canAdd(node: GraphNode): boolean {
  return node.operation !== 'layerNormInputGrad' && !isMultiple(node) && takesBias(node);
}
