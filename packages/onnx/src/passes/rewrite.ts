import { NONE, type Operation, type Ops, type Tensor } from '@refusion/autodiff';
import { Graph } from '../graph/graph.js';
import { type GraphNode, valuesOf } from '../graph/node.js';
import { operationNamed } from '../graph/operations.js';
import type { TracedGraph } from '../graph/trace.js';

/**
 * One step of a pass: another way to compute a node from inputs that are rewritten already, in operations of the op
 * set; null where it does not apply.
 */
export type Rule = (ops: Ops, node: GraphNode, renew: Renew) => Tensor | null;

/** What has become of a node of the old graph, if it has been rewritten yet. */
export type Renew = (old: GraphNode) => GraphNode | undefined;

/** A pass that needs to see the whole graph makes its rule from it. */
export type Pass = (traced: TracedGraph) => Rule;

/** The nodes that outputs depend on, in order. */
export function reachable(outputs: Readonly<Record<string, GraphNode>>): GraphNode[] {
  const found = new Set<GraphNode>();
  const pending = Object.values(outputs);
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    pending.push(...node.inputs);
  }
  return [...found].sort((a, b) => a.id - b.id);
}

/** Which nodes use each node. */
export function usersOf(nodes: readonly GraphNode[]): Map<GraphNode, GraphNode[]> {
  const users = new Map<GraphNode, GraphNode[]>();
  for (const node of nodes) {
    for (const input of node.inputs) {
      const known = users.get(input);
      if (known) known.push(node);
      else users.set(input, [node]);
    }
  }
  return users;
}

/** The graph with every node replaced by what a rule makes of it. */
export function rewrite(traced: TracedGraph, pass: Pass): TracedGraph {
  const rule = pass(traced);
  const graph = new Graph(traced.sizes);
  const renewed = new Map<GraphNode, GraphNode>();
  for (const input of Object.values(traced.inputs)) {
    renewed.set(input, graph.input(input.attrs['name'] as string, input.shape));
  }
  for (const node of reachable(traced.outputs)) {
    if (renewed.has(node)) continue;
    const values = valuesOf(node);
    const inputs = node.inputs.map((input) => renewed.get(input) as GraphNode);
    const rewritten = values
      ? graph.constant(values, node.shape)
      : (rule(graph.ops, { ...node, inputs }, (old) => renewed.get(old)) ?? again(graph, node, inputs));
    renewed.set(node, graph.own(rewritten));
  }
  const renew = (nodes: Readonly<Record<string, GraphNode>>): Record<string, GraphNode> =>
    Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, renewed.get(node) as GraphNode]));
  return { graph, inputs: renew(traced.inputs), outputs: renew(traced.outputs), sizes: traced.sizes };
}

/** The operation of the op set that a node applies. */
export function operationOf(node: GraphNode): Operation {
  return operationNamed(node.operation);
}

function again(graph: Graph, node: GraphNode, inputs: readonly GraphNode[]): Tensor {
  return graph.ops.apply(operationOf(node), inputs, node.attrs ?? NONE);
}
