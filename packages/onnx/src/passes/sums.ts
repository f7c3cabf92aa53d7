import type { Tensor } from '@refusion/autodiff';
import { sameShape } from '@refusion/core';
import type { GraphNode } from '../graph/node.js';
import { isVector } from './channels.js';
import { type Pass, reachable, usersOf } from './rewrite.js';

const CONVOLUTIONS = new Set(['pointwise', 'depthwise', 'conv3x3']);
/** What else can add to an image while it is computed, but to no vector. */
const ADDING = new Set(['layerNormInputGrad']);

/**
 * In sums of images, what can add to an image while it is computed comes after everything else, one at a time, so that no
 * image is written only to be added up:
 *
 *     x + (conv(y, A) + conv(z, B)) = (x + conv(y, A)) + conv(z, B)
 */
export const sumsPass: Pass = (traced) => {
  const users = usersOf(reachable(traced.outputs));
  const outputs = new Set(Object.values(traced.outputs));
  const isAlone = (x: GraphNode): boolean => users.get(x)?.length === 1 && !outputs.has(x);
  const isPart = (x: GraphNode, sum: GraphNode): boolean =>
    x.operation === 'add' && sameShape(x.shape, sum.shape) && isAlone(x);
  const termsOf = (sum: GraphNode): GraphNode[] =>
    sum.inputs.flatMap((term) => (isPart(term, sum) ? termsOf(term) : [term]));
  return (ops, node, renew) => {
    const sum = traced.graph.nodes[node.id] as GraphNode;
    if (sum.operation !== 'add' || sum.shape.length !== 4 || !sum.inputs.some((x) => isPart(x, sum)))
      return null;
    // A sum within another is written with it.
    const [user] = users.get(sum) ?? [];
    if (user?.operation === 'add' && isPart(sum, user)) return null;
    const terms = termsOf(sum);
    const images = terms.filter((term) => sameShape(term.shape, sum.shape));
    const vectors = terms.filter((term) => !images.includes(term));
    const adding = images.filter(
      (term) => isAlone(term) && (CONVOLUTIONS.has(term.operation) || ADDING.has(term.operation)),
    );
    const [first, ...others] = images.filter((term) => !adding.includes(term));
    const withVectors = adding.find(({ operation }) => CONVOLUTIONS.has(operation));
    if (!first || adding.length < 2 || !withVectors) return null;
    if (!vectors.every((vector) => isVector(vector, sum))) return null;
    const total = (from: GraphNode, more: readonly GraphNode[]) =>
      more.reduce<Tensor>((x, y) => ops.add(x, renew(y) as GraphNode), renew(from) as GraphNode);
    return adding.reduce<Tensor>(
      (x, term) => ops.add(x, total(term, term === withVectors ? vectors : [])),
      total(first, others),
    );
  };
};
