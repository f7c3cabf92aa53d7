import { NONE, type Ops, type Tensor } from '@refusion/autodiff';
import { Graph } from '../graph/graph.js';
import { type GraphNode, isNode, valuesOf } from '../graph/node.js';
import type { TracedGraph } from '../graph/trace.js';
import { operationOf, reachable } from './rewrite.js';

/** Operations that compute a row of their output from the same row of their inputs. */
const ROW_BY_ROW = new Set(
  [
    [
      'add',
      'sub',
      'mul',
      'div',
      'maximum',
      'prelu',
      'neg',
      'abs',
      'sign',
      'sqrt',
      'exp',
      'log',
      'erf',
      'detach',
    ],
    ['sigmoid', 'gelu', 'softmax', 'sum', 'max', 'concat', 'pointwise'],
  ].flat(),
);
/** 3x3 convolutions, which also look at the row before and the row after. */
const NEIGHBOURS = new Set(['depthwise', 'conv3x3']);

/**
 * The same function, evaluated in horizontal strips, so that what is computed from a strip stays in the processor's
 * caches. Images are never whole in between: sums over all pixels are sums over strips, and where a strip needs a row
 * of its neighbours it is taken from them. Exact but for the order of sums. Whatever does not go row by row is
 * computed whole.
 *
 * @param height images of this many rows are cut
 * @param rows the most rows of a strip
 */
export function inStrips(traced: TracedGraph, height: number, rows: number): TracedGraph {
  const graph = new Graph(traced.sizes);
  const strips = new Strips(graph, height, Math.ceil(height / rows));
  const copied = Object.entries(traced.inputs).map(([name, node]): [string, GraphNode] => {
    const input = graph.input(name, node.shape);
    strips.keep(node, input);
    return [name, input];
  });
  for (const node of reachable(traced.outputs)) {
    const values = valuesOf(node);
    if (values) strips.keep(node, graph.constant(values, node.shape));
  }
  const outputs = Object.entries(traced.outputs).map(([name, node]): [string, GraphNode] => [
    name,
    graph.own(strips.whole(node)),
  ]);
  return {
    graph,
    inputs: Object.fromEntries(copied),
    outputs: Object.fromEntries(outputs),
    sizes: traced.sizes,
  };
}

class Strips {
  private readonly ops: Ops;
  private readonly wholes = new Map<GraphNode, Tensor>();
  private readonly parts = new Map<string, Tensor>();
  private readonly bounds: readonly (readonly [number, number])[];

  constructor(
    private readonly graph: Graph,
    private readonly height: number,
    count: number,
  ) {
    this.ops = graph.ops;
    const edge = (i: number): number => Math.round((i * height) / count);
    this.bounds = Array.from({ length: count }, (_unused, i) => [edge(i), edge(i + 1)] as const);
  }

  keep(node: GraphNode, value: Tensor): void {
    this.wholes.set(node, value);
  }

  /** A node's value for the whole image. */
  whole(node: GraphNode): Tensor {
    const known = this.wholes.get(node);
    if (known) return known;
    const value =
      this.overStrips(node) ??
      this.apply(
        node,
        node.inputs.map((input) => this.whole(input)),
      );
    this.wholes.set(node, value);
    return value;
  }

  /** A node's value put together from strips, or null if it does not come of any. */
  private overStrips(node: GraphNode): Tensor | null {
    if (this.isImage(node) && this.goesByRows(node)) {
      return this.ops.concat(
        this.bounds.map(([from, to]) => this.rows(node, from, to)),
        1,
      );
    }
    if (!this.sumsPixels(node)) return null;
    const sums = this.bounds.map(([from, to]) =>
      this.apply(
        node,
        node.inputs.map((input) => this.columnsOrRows(input, from, to)),
      ),
    );
    return sums.reduce((total, sum) => this.ops.add(total, sum));
  }

  /** Rows `from` to `to` of an image. */
  private rows(node: GraphNode, from: number, to: number): Tensor {
    const key = `${node.id}:${from}:${to}`;
    const known = this.parts.get(key);
    if (known) return known;
    const value = this.computeRows(node, from, to);
    this.parts.set(key, value);
    return value;
  }

  private computeRows(node: GraphNode, from: number, to: number): Tensor {
    const whole = this.wholes.get(node);
    if (whole || !this.goesByRows(node)) return this.cut(whole ?? this.whole(node), from, to);
    const isStrip = this.bounds.some(([start, end]) => start === from && end === to);
    if (isResidual(node) && !isStrip) return this.fromNeighbours(node, from, to);
    if (NEIGHBOURS.has(node.operation)) return this.convolved(node, from, to);
    if (node.operation === 'reshape') return this.imageOf(node, from, to);
    return this.apply(
      node,
      node.inputs.map((input) => this.rowsOrWhole(input, from, to)),
    );
  }

  /** Rows of a sum that later layers read, each computed once, with the strip that it belongs to. */
  private fromNeighbours(node: GraphNode, from: number, to: number): Tensor {
    const overlapping = this.bounds.filter(([start, end]) => start < to && end > from);
    const pieces = overlapping.map(([start, end]) =>
      this.cut(this.rows(node, start, end), Math.max(from, start) - start, Math.min(to, end) - start),
    );
    return this.ops.concat(pieces, 1);
  }

  /** Zeros are added at the image's own borders alone. */
  private convolved(node: GraphNode, from: number, to: number): Tensor {
    const [x, filter] = node.inputs as [GraphNode, GraphNode];
    const [first, last] = [Math.max(0, from - 1), Math.min(this.height, to + 1)];
    const zeros = [first - (from - 1), to + 1 - last];
    const inputs = [this.rows(x, first, last), this.whole(filter)].map((input) => this.graph.own(input));
    const shape = node.shape.map((length, axis) => (axis === 1 ? to - from : length));
    return this.graph.node(node.operation, inputs, { zeros }, shape);
  }

  /** Rows of an image that is the product of pixels with a matrix. */
  private imageOf(node: GraphNode, from: number, to: number): Tensor {
    const columns = this.columns(node.inputs[0] as GraphNode, from, to);
    return this.ops.reshape(
      columns,
      node.shape.map((length, axis) => (axis === 1 ? to - from : length)),
    );
  }

  /** The pixels of some rows, `[B,N,C]`. */
  private columns(node: GraphNode, from: number, to: number): Tensor {
    const [first, second] = node.inputs as [GraphNode, GraphNode];
    if (node.operation === 'matMul') {
      return this.ops.matMul(this.columns(first, from, to), this.whole(second));
    }
    const [b, , w, c] = first.shape as [number, number, number, number];
    return this.ops.reshape(this.rows(first, from, to), [b, (to - from) * w, c]);
  }

  private columnsOrRows(node: GraphNode, from: number, to: number): Tensor {
    return this.isImage(node) ? this.rows(node, from, to) : this.columns(node, from, to);
  }

  private rowsOrWhole(node: GraphNode, from: number, to: number): Tensor {
    return this.isImage(node) ? this.rows(node, from, to) : this.whole(node);
  }

  private cut(x: Tensor, from: number, to: number): Tensor {
    if (from === 0 && to === x.shape[1]) return x;
    return this.ops.slice(
      x,
      x.shape.map((_length, axis) => (axis === 1 ? from : 0)),
      x.shape.map((length, axis) => (axis === 1 ? to - from : length)),
    );
  }

  private apply(node: GraphNode, inputs: readonly Tensor[]): Tensor {
    return this.ops.apply(operationOf(node), inputs, node.attrs ?? NONE);
  }

  private isImage({ shape }: GraphNode): boolean {
    return shape.length === 4 && shape[1] === this.height;
  }

  /** Whether rows of an image are made of rows. */
  private goesByRows(node: GraphNode): boolean {
    if (NEIGHBOURS.has(node.operation)) return true;
    if (node.operation === 'reshape') return this.isColumns(node.inputs[0] as GraphNode, node);
    const axes = (node.attrs['axes'] as readonly number[] | undefined) ?? [node.attrs['axis']];
    return ROW_BY_ROW.has(node.operation) && !axes.includes(1);
  }

  /** Whether a node holds the pixels of an image like `image`, each a row. */
  private isColumns(node: GraphNode, image: GraphNode): boolean {
    const [b, h, w] = image.shape as [number, number, number, number];
    if (node.shape.length !== 3 || node.shape[0] !== b || node.shape[1] !== h * w) return false;
    const [first, second] = node.inputs as [GraphNode | undefined, GraphNode | undefined];
    if (node.operation === 'matMul')
      return this.isColumns(first as GraphNode, image) && isNode(second as Tensor);
    const likeImage = `${first?.shape.slice(0, 3)}` === `${image.shape.slice(0, 3)}`;
    return node.operation === 'reshape' && likeImage && first?.shape[3] === node.shape[2];
  }

  /** Whether a node adds up something of all pixels. */
  private sumsPixels(node: GraphNode): boolean {
    if (node.operation === 'sum') {
      return this.isImage(node.inputs[0] as GraphNode) && (node.attrs['axes'] as number[]).includes(1);
    }
    if (node.operation !== 'gram' && node.operation !== 'squaredNorms') return false;
    return node.inputs.every((columns) => {
      const image = columns.inputs[0];
      return (
        image && columns.operation === 'reshape' && this.isImage(image) && this.isColumns(columns, image)
      );
    });
  }
}

/** A sum of two images, such as layers hand on to each other. */
function isResidual({ operation, inputs, shape }: GraphNode): boolean {
  return operation === 'add' && inputs.every((input) => `${input.shape}` === `${shape}`);
}
