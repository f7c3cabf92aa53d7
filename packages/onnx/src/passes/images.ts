import { NONE, type Ops, type Tensor } from '@refusion/autodiff';
import type { GraphNode } from '../graph/node.js';
import { mix, operationNamed } from '../graph/operations.js';
import { expanded } from './expansions.js';
import { operationOf, type Pass } from './rewrite.js';

type Four = readonly [number, number, number, number];

/** The image whose pixels a node holds, each a row: `[B,H,W,C] -> [B,HW,C]`; null for other nodes. */
export function imageOf(columns: GraphNode): GraphNode | null {
  const image = columns.operation === 'reshape' ? (columns.inputs[0] as GraphNode) : null;
  if (image?.shape.length !== 4 || columns.shape.length !== 3) return null;
  return image.shape[0] === columns.shape[0] && image.shape[3] === columns.shape[2] ? image : null;
}

const UNARY = new Set(['neg', 'abs', 'sign', 'sqrt', 'exp', 'log', 'erf', 'detach', 'sigmoid', 'gelu']);
const BINARY = new Set(['add', 'sub', 'mul', 'div', 'maximum']);

/**
 * What is computed of the pixels of an image as rows is computed of the image, so that it is seen as one from end to end.
 * The product of an image's pixels with a matrix is a pointwise convolution, and products over pixels are its gradient:
 * only these three need to be known after this pass, for one image.
 */
export const pixelsAsImagesPass: Pass = () => (ops, node) => {
  const images = node.inputs.map(imageOf);
  const [x, y] = images;
  if (UNARY.has(node.operation) && x) return columnsOf(ops, ops.apply(operationOf(node), [x], NONE));
  if (BINARY.has(node.operation)) return binary(ops, node, images);
  if (node.operation === 'matMul' && x) return product(ops, x, node.inputs[1] as GraphNode);
  if (node.operation === 'sum' && x && `${node.attrs['axes']}` === '1') {
    return ops.reshape(ops.sum(x, [1, 2], { keepDims: true }), node.shape);
  }
  if (node.operation === 'gram' && x && y && x.shape[0] === 1 && sameImage(x, y)) {
    const products = ops.apply(operationNamed('pointwiseFilterGrad'), [y, x], NONE);
    return ops.reshape(products, node.shape);
  }
  return null;
};

function sameImage(x: GraphNode, y: GraphNode): boolean {
  return `${x.shape.slice(0, 3)}` === `${y.shape.slice(0, 3)}`;
}

/** `[B,H,W,C] -> [B,HW,C]` */
function columnsOf(ops: Ops, image: Tensor): Tensor {
  const [b, h, w, c] = image.shape as Four;
  return ops.reshape(image, [b, h * w, c]);
}

/** An operation on rows of two images, or of one image and something that is spread over its rows. */
function binary(ops: Ops, node: GraphNode, images: readonly (GraphNode | null)[]): Tensor | null {
  const image = images.find((candidate) => candidate);
  if (!image || `${node.shape}` !== `${node.inputs[images.indexOf(image)]?.shape}`) return null;
  const operands = node.inputs.map((input, i) => images[i] ?? overImage(ops, input));
  if (!operands.every((x) => x !== null)) return null;
  if (images.some((other) => other && !sameImage(other, image))) return null;
  return columnsOf(ops, ops.apply(operationOf(node), operands, NONE));
}

/** `[b,1,C]`, or a number, as it is spread over an image; null for what has rows of its own. */
function overImage(ops: Ops, x: GraphNode): Tensor | null {
  const [b, rows, c] = [1, 1, 1, ...x.shape].slice(-3) as [number, number, number];
  if (x.shape.length > 3 || rows !== 1) return null;
  return x.shape.length < 3 ? x : ops.reshape(x, [b, 1, 1, c]);
}

/** An image's pixels times a matrix of each sample. */
function product(ops: Ops, x: GraphNode, matrices: GraphNode): Tensor {
  const [b, i, o] = matrices.shape as [number, number, number];
  if (b > 1) return columnsOf(ops, ops.apply(mix, [x, matrices], NONE));
  const filter = ops.reshape(ops.swapLast(ops.reshape(matrices, [i, o])), [o, i, 1, 1]);
  return columnsOf(ops, ops.pointwise(x, filter));
}

/** Gradients of convolutions in their inputs as convolutions: only the small filters are turned. */
export const gradientsAsConvolutionsPass: Pass = () => (ops, node) =>
  node.operation.endsWith('InputGrad') && node.operation !== 'layerNormInputGrad'
    ? expanded(ops, node)
    : null;
