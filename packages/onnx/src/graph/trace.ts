import type { Ops, Tensor } from '@refusion/autodiff';
import { ShapeError } from '@refusion/core';
import { Graph } from './graph.js';
import { type GraphNode, valuesOf } from './node.js';
import { fitSize, MOST_SYMBOLS, SizeTable, tracePlaces } from './sizes.js';

/** An axis is a number, or a name that stands for any length. */
export type SymbolicShape = readonly (number | string)[];

/** What is compiled: named inputs to named outputs. */
export type GraphFunction = (
  ops: Ops,
  inputs: Readonly<Record<string, Tensor>>,
) => Readonly<Record<string, Tensor>>;

/** A function as a graph, and what the numbers in it mean. */
export interface TracedGraph {
  readonly graph: Graph;
  readonly inputs: Readonly<Record<string, GraphNode>>;
  readonly outputs: Readonly<Record<string, GraphNode>>;
  readonly sizes: SizeTable;
}

/**
 * Runs a function over graph nodes. Shapes are numbers to the op set, so names of axes are replaced by markers: the
 * function is traced at two neighbouring lengths of each axis in every combination, and at one more place. The graphs
 * must be the same but for numbers; each number that moves is fitted by a polynomial that is linear in each length,
 * and the last place checks it. This is exact for whatever sums and products of lengths a function computes.
 *
 * @throws ShapeError, naming the operation, if the graph itself or a constant depends on a length, or a number is no
 * such polynomial
 */
export function trace(fn: GraphFunction, shapes: Readonly<Record<string, SymbolicShape>>): TracedGraph {
  const symbols = [...new Set(Object.values(shapes).flat())].filter((axis) => typeof axis === 'string');
  if (symbols.length > MOST_SYMBOLS) {
    throw new ShapeError(`compile: at most ${MOST_SYMBOLS} axes can have names, got ${symbols.join(', ')}`);
  }
  const traces = tracePlaces(symbols).map((place) => traceAt(fn, shapes, place));
  const [first, ...others] = traces as [Traced, ...Traced[]];
  const sizes = new SizeTable(symbols);
  if (symbols.length === 0) return { ...first, sizes };
  for (const [i, node] of first.graph.nodes.entries()) {
    const twins = others.map(({ graph }) => graph.nodes[i]);
    if (twins.some((twin) => !twin || !isTwin(node, twin))) throw dependent(node);
    learnConstant(sizes, node, twins as GraphNode[]);
    learnSizes(sizes, node, twins as GraphNode[]);
  }
  if (others.some(({ graph }) => graph.nodes.length !== first.graph.nodes.length)) {
    throw dependent(first.graph.nodes.at(-1) as GraphNode);
  }
  return { ...first, sizes };
}

type Traced = Omit<TracedGraph, 'sizes'>;

function traceAt(
  fn: GraphFunction,
  shapes: Readonly<Record<string, SymbolicShape>>,
  place: Readonly<Record<string, number>>,
): Traced {
  const graph = new Graph();
  const entries = Object.entries(shapes).map(([name, shape]): [string, GraphNode] => [
    name,
    graph.input(
      name,
      shape.map((axis) => (typeof axis === 'string' ? (place[axis] as number) : axis)),
    ),
  ]);
  const inputs = Object.fromEntries(entries);
  const outputs = Object.entries(fn(graph.ops, inputs)).map(([name, x]): [string, GraphNode] => [
    name,
    graph.own(x),
  ]);
  return { graph, inputs, outputs: Object.fromEntries(outputs) };
}

/** Whether two nodes of different traces are the same but for numbers. */
function isTwin(node: GraphNode, twin: GraphNode): boolean {
  return (
    node.operation === twin.operation &&
    node.shape.length === twin.shape.length &&
    node.inputs.length === twin.inputs.length &&
    node.inputs.every(({ id }, i) => id === twin.inputs[i]?.id) &&
    valuesOf(node)?.length === valuesOf(twin)?.length
  );
}

/** A constant is the same in every trace, or one over a size. */
function learnConstant(sizes: SizeTable, node: GraphNode, twins: readonly GraphNode[]): void {
  const values = valuesOf(node);
  if (!values) return;
  const all = twins.map((twin) => valuesOf(twin) as Float64Array);
  if (values.every((value, i) => all.every((other) => Object.is(value, other[i])))) return;
  const counts = [values, ...all].map(([value]) => Math.round(1 / (value as number)));
  const isReciprocal = [values, ...all].every(([value], i) => value === 1 / (counts[i] as number));
  const size = values.length === 1 && isReciprocal && fitSize(counts, sizes.symbols.length);
  if (!size) throw dependent(node);
  sizes.addReciprocal(values[0] as number, size);
}

function dependent(node: GraphNode): ShapeError {
  const what = node.operation === 'constant' ? `a constant [${node.shape}]` : `"${node.operation}"`;
  return new ShapeError(
    `compile: ${what} depends on the length of a named axis in a way that a graph cannot express, compile for fixed lengths`,
  );
}

/** Every number of a node: its shape, the attributes that are lists of numbers, and where a slice ends. */
function numbersOf(node: GraphNode): number[] {
  const lists = Object.entries(node.attrs).filter(
    ([name, value]) => name !== 'values' && Array.isArray(value),
  );
  const begin = node.operation === 'slice' ? (node.attrs['begin'] as readonly number[]) : [];
  const ends = begin.map((start, axis) => start + (node.shape[axis] as number));
  return [...node.shape, ...lists.flatMap(([, value]) => value as number[]), ...ends];
}

function learnSizes(sizes: SizeTable, node: GraphNode, twins: readonly GraphNode[]): void {
  const others = twins.map(numbersOf);
  for (const [i, value] of numbersOf(node).entries()) {
    const values = [value, ...others.map((numbers) => numbers[i] as number)];
    const size = fitSize(values, sizes.symbols.length);
    if (!size) throw dependent(node);
    sizes.add(size);
  }
}
