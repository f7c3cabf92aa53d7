import type { LayerNormAttrs, Ops, Tensor } from '@refusion/autodiff';
import type { GraphNode } from '../graph/node.js';
import { fillsBlocks } from '../lowering/blocked/placement.js';
import type { Pass, Rule } from './rewrite.js';

/**
 * Layer norms that pointwise convolutions read become centring and one product with a number for each pixel. With the
 * deviation sigma at a pixel, scale g and shift s, a filter W gives
 *
 *     W (g (x - mean x) / sigma + s) = (W g) ((x - mean x) / sigma) + W s
 *
 * so that scale and shift are folded into filters and a constant, and convolutions of the same image share the rest. The
 * mean is taken off before anything is squared: the difference of sums, which would save a pass, loses digits on flat
 * parts of pictures. Other layer norms are written out.
 */
export function layerNormPass(): Rule {
  return (ops, node) => {
    if (node.operation === 'pointwise') return foldedPointwise(ops, node);
    return null;
  };
}

/**
 * Layer norms that are still there, in other operations.
 * @param block those of images whose channels fill such blocks stay
 */
export const writtenOutLayerNormPass =
  (block?: number): Pass =>
  () =>
  (ops, node) => {
    if (node.operation !== 'layerNorm' || (block && fillsBlocks(node.shape, block))) return null;
    const [x, scale, shift] = node.inputs as [GraphNode, GraphNode, GraphNode];
    const channels = x.shape.at(-1) as number;
    const mean = ops.mul(ops.sum(x, [x.shape.length - 1], { keepDims: true }), 1 / channels);
    const centred = ops.sub(x, mean);
    const squares = ops.sum(ops.mul(centred, centred), [x.shape.length - 1], { keepDims: true });
    const { epsilon } = node.attrs as unknown as LayerNormAttrs;
    const deviation = ops.sqrt(ops.add(ops.mul(squares, 1 / channels), epsilon));
    return ops.add(ops.mul(ops.div(centred, deviation), scale), shift);
  };

function foldedPointwise(ops: Ops, node: GraphNode): Tensor | null {
  const [normed, filter] = node.inputs as [GraphNode, GraphNode];
  if (normed.operation !== 'layerNorm') return null;
  const [x, scale, shift] = normed.inputs as [GraphNode, GraphNode, GraphNode];
  const { epsilon } = normed.attrs as unknown as LayerNormAttrs;
  const channels = x.shape[3] as number;
  const matrix = ops.reshape(filter, filter.shape.slice(0, 2));
  // `normalised` leaves out the root of the number of channels.
  const weights = ops.reshape(ops.mul(ops.mul(matrix, scale), Math.sqrt(channels)), filter.shape);
  const constant = ops.sum(ops.mul(matrix, shift), [1]);
  return ops.add(ops.pointwise(normalised(ops, x, epsilon), weights), constant);
}

/** (x - mean) / sqrt(sum of squared deviations + C epsilon) at each pixel. */
function normalised(ops: Ops, x: Tensor, epsilon: number): Tensor {
  const channels = x.shape[3] as number;
  const mean = ops.mul(ops.sum(x, [3], { keepDims: true }), 1 / channels);
  const centred = ops.sub(x, mean);
  const squares = ops.sum(ops.mul(centred, centred), [3], { keepDims: true });
  return ops.mul(centred, ops.div(1, ops.sqrt(ops.add(squares, channels * epsilon))));
}
