import type { Ops, Tensor } from '@refusion/autodiff';
import { type GraphNode, scalarOf } from '../graph/node.js';
import { affineForm, fillsBlocks, spreads } from '../lowering/blocked/placement.js';
import { operationOf, type Pass, type Rule } from './rewrite.js';

type Expansion = (ops: Ops, inputs: readonly Tensor[], attrs: never) => Tensor;
type Four = [number, number, number, number];

/** `[O, I, k, k] -> [I, O, k, k]` */
function exchanged(ops: Ops, filter: Tensor): Tensor {
  return ops.transpose(filter, [1, 0, 2, 3]);
}

/** Turned by half a turn: a product with a matrix that reverses the order of the nine taps. */
function turned(ops: Ops, filter: Tensor): Tensor {
  const [o, i, rows, columns] = filter.shape as Four;
  const taps = rows * columns;
  const reversal = Float64Array.from({ length: taps * taps }, (_unused, at) =>
    Math.floor(at / taps) + (at % taps) === taps - 1 ? 1 : 0,
  );
  const flat = ops.reshape(filter, [o * i, taps]);
  return ops.reshape(ops.matMul(flat, ops.constant(reversal, [taps, taps])), filter.shape);
}

/** `[B,H,W,C] -> [B,HW,C]` */
function columns(ops: Ops, x: Tensor): Tensor {
  const [b, h, w, c] = x.shape as Four;
  return ops.reshape(x, [b, h * w, c]);
}

/** For each of the nine taps, what a function makes of the image as that tap sees it; `[rows of fn..., 9]`. */
function byTap(ops: Ops, x: Tensor, fn: (seen: Tensor) => Tensor): Tensor {
  const padded = ops.pad(x, [0, 1, 1, 0], [0, 1, 1, 0]);
  const taps = Array.from({ length: 9 }, (_unused, tap) => {
    const value = fn(ops.slice(padded, [0, Math.floor(tap / 3), tap % 3, 0], x.shape));
    return ops.reshape(value, [...value.shape, 1]);
  });
  return ops.concat(taps, -1);
}

/** `(x [B,N,I], dy [B,N,O]) -> [O,I]`, summed over the batch. */
function filterProduct(ops: Ops, x: Tensor, dy: Tensor): Tensor {
  return ops.sum(ops.gram(columns(ops, dy), columns(ops, x)), [0]);
}

/** The convolutions' gradients in other operations. Filters are turned or exchanged, for nothing where they are constants. */
const EXPANSIONS: { readonly [operation: string]: Expansion } = {
  pointwiseInputGrad: (ops, [dy, w]) => ops.pointwise(dy as Tensor, exchanged(ops, w as Tensor)),
  depthwiseInputGrad: (ops, [dy, w]) => ops.depthwise(dy as Tensor, turned(ops, w as Tensor)),
  conv3x3InputGrad: (ops, [dy, w]) => ops.conv3x3(dy as Tensor, turned(ops, exchanged(ops, w as Tensor))),
  pointwiseFilterGrad: (ops, [x, dy]) => {
    const product = filterProduct(ops, x as Tensor, dy as Tensor);
    return ops.reshape(product, [...product.shape, 1, 1]);
  },
  depthwiseFilterGrad: (ops, [x, dy]) => {
    const taps = byTap(ops, x as Tensor, (seen) => ops.sum(ops.mul(seen, dy as Tensor), [0, 1, 2]));
    return ops.reshape(taps, [taps.shape[0] as number, 1, 3, 3]);
  },
  conv3x3FilterGrad: (ops, [x, dy]) => {
    const taps = byTap(ops, x as Tensor, (seen) => filterProduct(ops, seen, dy as Tensor));
    return ops.reshape(taps, [...taps.shape.slice(0, 2), 3, 3]);
  },
};

/** Composites that have a lowering only where images are stored in blocks. */
const COMPOSITES = new Set(['geluSlope', 'layerNormInputGrad', 'mix', 'choose', 'affine']);

/** Operations that ONNX's public operators do not have, in others. */
export function expandedPass(): Rule {
  return (ops, node) => expanded(ops, node);
}

/** Operations that can neither be computed in blocks nor by public operators, in others. */
export function unblockedPass(block: number): Pass {
  return () => (ops, node) => (isLoweredToBlocks(node, block) ? null : expanded(ops, node));
}

function isLoweredToBlocks(node: GraphNode, block: number): boolean {
  const { operation, inputs, shape } = node;
  const fills = inputs.map((input) => fillsBlocks(input.shape, block));
  if (operation === 'layerNorm' || operation === 'layerNormInputGrad') return fillsBlocks(shape, block);
  if (operation === 'mix') return fillsBlocks(shape, block) && (fills[0] as boolean);
  if (operation === 'affine' && affineForm(node) === null) return false;
  if (['prelu', 'choose', 'affine'].includes(operation)) {
    return fillsBlocks(shape, block) && inputs.every((input) => spreads(input, node));
  }
  if (operation === 'pointwiseFilterGrad') return fills.some(Boolean);
  if (operation === 'depthwiseFilterGrad') return fills[0] as boolean;
  return operation === 'conv3x3FilterGrad' && fills.some(Boolean) && inputs[0]?.shape[0] === 1;
}

/** A node in operations that public operators have; null if it is one of those. */
export function expanded(ops: Ops, node: GraphNode): Tensor | null {
  const expansion = EXPANSIONS[node.operation];
  if (expansion) return expansion(ops, node.inputs, node.attrs as never);
  const slope = node.operation === 'prelu' && scalarOf(node.inputs[1] as GraphNode) === null;
  if (!slope && !COMPOSITES.has(node.operation)) return null;
  return operationOf(node).define?.(ops, node.inputs, node.attrs) ?? null;
}
