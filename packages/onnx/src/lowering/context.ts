import type { Shape } from '@refusion/core';
import { type GraphNode, valuesOf } from '../graph/node.js';
import { constantSize, type Size, type SizeTable } from '../graph/sizes.js';
import type { ModelWriter } from '../model/writer.js';
import { identityOrder, lifted, type Order, permuted, sameOrder } from './order.js';

/** ONNX's number for the type float32. */
const FLOAT = 1;

/** A node's value in the model: its name, and in which order its axes are stored. */
export interface Stored {
  readonly name: string;
  readonly order: Order;
}

/** What lowering a node needs: the values that are there already, in any order of their axes, and sizes as values. */
export class LoweringContext {
  private readonly stored = new Map<GraphNode, Stored>();
  private readonly constants = new Map<string, string>();
  private readonly uses = new Map<GraphNode, number>();
  private readonly sources = new Map<string, { readonly name: string; readonly axis: number }>();

  constructor(
    readonly writer: ModelWriter,
    readonly sizes: SizeTable,
    nodes: readonly GraphNode[],
  ) {
    for (const node of nodes) {
      for (const input of node.inputs) this.uses.set(input, (this.uses.get(input) ?? 0) + 1);
    }
  }

  /** How many nodes use this one. */
  useCount(node: GraphNode): number {
    return this.uses.get(node) ?? 0;
  }

  keep(node: GraphNode, stored: Stored): void {
    this.stored.set(node, stored);
  }

  /** Remembers where a model's caller shows the length of a named axis. */
  learnLength(symbol: string, name: string, axis: number): void {
    if (!this.sources.has(symbol)) this.sources.set(symbol, { name, axis });
  }

  /** The order in which a node's axes are stored; constants come in any order. */
  orderOf(node: GraphNode): Order | null {
    return this.stored.get(node)?.order ?? null;
  }

  /** The name of a node's value with its axes in an order, after leading axes of length 1 are added to it. */
  in(node: GraphNode, order: Order): string {
    const shape = [...new Array<number>(order.length - node.shape.length).fill(1), ...node.shape];
    const values = valuesOf(node);
    const count = values?.length === 1 && this.sizes.reciprocalOf(values[0] as number);
    if (count) return this.reciprocal(count, order.length);
    if (values) return this.constant(node, values, shape, order);
    const { name, order: own } = this.stored.get(node) as Stored;
    const full = lifted(own, order.length);
    if (sameOrder(full, order)) {
      return full.length === own.length ? name : this.reshaped(name, shape, order);
    }
    // Axes of length 1 move for nothing.
    const long = (axes: Order): Order => axes.filter((axis) => shape[axis] !== 1);
    if (sameOrder(long(full), long(order))) return this.reshaped(name, shape, order);
    const source = full.length === own.length ? name : this.reshaped(name, shape, full);
    return this.writer.op('Transpose', [source], { perm: order.map((axis) => full.indexOf(axis)) });
  }

  private constant(node: GraphNode, values: Float64Array, shape: Shape, order: Order): string {
    const key = `${node.id}:${order}`;
    const known = this.constants.get(key);
    if (known !== undefined) return known;
    const lengths = order.map((axis) => shape[axis] as number);
    const name = this.writer.floats(permuted(values, shape, order), lengths);
    this.constants.set(key, name);
    return name;
  }

  /** The name of a node's value with its axes in their own order. */
  plain(node: GraphNode): string {
    return this.in(node, identityOrder(node.shape.length));
  }

  /** The same numbers as a value of a shape, given in logical order with the order that it is stored in. */
  reshaped(name: string, shape: Shape, order: Order): string {
    const lengths = order.map((axis) => shape[axis] as number);
    const moving = lengths.filter((length) => constantSize(this.sizes.of(length)) === null);
    const target =
      moving.length === 1
        ? this.writer.integers(lengths.map((length) => (length === moving[0] ? -1 : length)))
        : this.lengths(lengths);
    return this.writer.view(name, target);
  }

  /** A list of sizes as a value. */
  lengths(values: readonly number[]): string {
    const sizes = values.map((value) => this.sizes.of(value));
    const constants = sizes.map(constantSize);
    if (constants.every((value) => value !== null)) return this.writer.integers(constants as number[]);
    return this.writer.op(
      'Concat',
      sizes.map((size) => this.length(size)),
      { axis: 0 },
    );
  }

  /** One over a size, as a number with so many axes. */
  private reciprocal(size: Size, rank: number): string {
    const count = this.writer.op('Cast', [this.length(size)], { to: FLOAT });
    const one = this.writer.op('Reciprocal', [count]);
    if (rank === 0) return this.writer.op('Squeeze', [one, this.writer.integers([0])]);
    return this.writer.op('Reshape', [one, this.writer.integers(new Array<number>(rank).fill(1))]);
  }

  /** One size as a list of one number. */
  private length(size: Size): string {
    const terms = size.flatMap((coefficient, i) => (coefficient === 0 ? [] : [this.term(coefficient, i)]));
    return terms.reduce((total, term) => this.writer.op('Add', [total, term]));
  }

  private term(coefficient: number, i: number): string {
    const factors = this.sizes.symbols
      .filter((_symbol, axis) => (i >> axis) & 1)
      .map((symbol) => this.symbol(symbol));
    const all =
      coefficient === 1 && factors.length > 0 ? factors : [this.writer.integers([coefficient]), ...factors];
    return all.reduce((product, factor) => this.writer.op('Mul', [product, factor]));
  }

  private symbol(symbol: string): string {
    const { name, axis } = this.sources.get(symbol) as { name: string; axis: number };
    return this.writer.op('Shape', [name], { start: axis, end: axis + 1 });
  }
}
