import {
  type Interpreter,
  NONE,
  type Operation,
  Ops,
  reference,
  referenceTensor,
  type Tensor,
} from '@refusion/autodiff';
import { type Shape, ShapeError, sizeOf } from '@refusion/core';
import { type GraphNode, isNode, type NodeAttrs, scalarOf, valuesOf } from './node.js';
import { SHAPES } from './shapes.js';
import { simplified, sourceOf } from './simplify.js';
import { FIRST_MARKER, type SizeTable } from './sizes.js';

/** Larger constants are not computed while the graph is built, so that a graph never outgrows its weights by much. */
const MOST_FOLDED = 1 << 20;

/**
 * The op set as a graph: applying an operation adds a node instead of computing. Equal nodes become one (hash
 * consing), operations on constants are computed at once in float64, and an operation of a user's own is replaced by
 * its definition. Derivatives run over it like over any interpreter.
 */
export class Graph implements Interpreter {
  readonly name = 'onnx';
  readonly ops = new Ops(this);
  readonly nodes: GraphNode[] = [];
  private readonly known = new Map<string, GraphNode>();

  /** @param sizes what constants may mean, once that is known */
  constructor(private readonly sizes?: SizeTable) {}

  private readonly constants = new Map<string, GraphNode[]>();

  input(name: string, shape: Shape): GraphNode {
    return this.node('input', [], { name }, shape);
  }

  constant(values: ArrayLike<number>, shape: Shape): GraphNode {
    const own = Float64Array.from(values);
    const key = `${shape}:${own.length < 64 ? own : [own[0], own[1], own[own.length - 1]]}`;
    const alike = this.constants.get(key) ?? [];
    const found = alike.find((node) => sameValues(valuesOf(node) as Float64Array, own));
    if (found) return found;
    const node = this.add('constant', [], { values: own }, shape);
    this.constants.set(key, [...alike, node]);
    return node;
  }

  apply<I extends readonly Tensor[], A>(ops: Ops, operation: Operation<I, A>, inputs: I, attrs: A): Tensor {
    const own = inputs.map((x) => sourceOf(operation.name, this.own(x)));
    const rule = Object.hasOwn(SHAPES, operation.name) ? SHAPES[operation.name] : undefined;
    if (!rule) return defined(ops, operation, inputs, attrs);
    const shape = rule(own, attrs as NodeAttrs);
    return (
      this.folded(operation, own, attrs, shape) ??
      simplified(operation.name, own, attrs as NodeAttrs, shape) ??
      this.node(operation.name, own, attrs as NodeAttrs, shape)
    );
  }

  scope<R>(fn: () => R): R {
    return fn();
  }

  release(): void {}

  /** @throws ShapeError if the tensor is not a node of this graph */
  own(x: Tensor): GraphNode {
    if (isNode(x) && this.nodes[x.id] === x) return x;
    throw new ShapeError(`onnx: the tensor [${x.shape}] belongs to another engine or is still being traced`);
  }

  /** A node, the existing one if there is an equal. */
  node(operation: string, inputs: readonly GraphNode[], attrs: NodeAttrs, shape: Shape): GraphNode {
    const key = keyOf(operation, inputs, attrs);
    const found = this.known.get(key);
    if (found) return found;
    const node = this.add(operation, inputs, attrs, shape);
    this.known.set(key, node);
    return node;
  }

  private add(operation: string, inputs: readonly GraphNode[], attrs: NodeAttrs, shape: Shape): GraphNode {
    const node: GraphNode = { id: this.nodes.length, operation, inputs, attrs, shape };
    this.nodes.push(node);
    return node;
  }

  /** The value of an operation on constants alone, or null. */
  private folded<I extends readonly Tensor[], A>(
    operation: Operation<I, A>,
    own: readonly GraphNode[],
    attrs: A,
    shape: Shape,
  ): GraphNode | null {
    if (own.length === 0 || own.some((node) => node.operation !== 'constant')) return null;
    if (sizeOf(shape) > MOST_FOLDED || isNamed(operation.name, shape)) return null;
    if (own.some((node) => this.sizes?.reciprocalOf(scalarOf(node) ?? 0))) return null;
    const inputs = own.map((node) =>
      referenceTensor({ data: valuesOf(node) as Float64Array, shape: node.shape }),
    ) as readonly Tensor[] as I;
    const value = reference.ops.apply(operation, inputs, attrs) as Tensor & { readonly data: Float64Array };
    return this.constant(value.data, value.shape);
  }
}

/** Equal for equal nodes. Graphs of derivatives have thousands, most of them without attributes. */
function keyOf(operation: string, inputs: readonly GraphNode[], attrs: NodeAttrs): string {
  let key = operation;
  for (const { id } of inputs) key += ` ${id}`;
  return attrs === NONE ? key : key + JSON.stringify(attrs);
}

function defined<I extends readonly Tensor[], A>(
  ops: Ops,
  operation: Operation<I, A>,
  inputs: I,
  attrs: A,
): Tensor {
  if (operation.define) return operation.define(ops, inputs, attrs);
  throw new TypeError(`onnx: the operation "${operation.name}" has neither a lowering nor a definition`);
}

/** Whether constants may be spread over a named axis, whose length is not known while the graph is built. */
function isNamed(operation: string, shape: Shape): boolean {
  return (
    (operation === 'broadcastTo' || operation === 'pad') && shape.some((length) => length >= FIRST_MARKER)
  );
}

function sameValues(a: Float64Array, b: Float64Array): boolean {
  return a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
}
