import { NONE, type Ops, type Tensor } from '@refusion/autodiff';
import { type GraphNode, valuesOf } from '../graph/node.js';
import { operationNamed } from '../graph/operations.js';
import { operationOf, type Pass } from './rewrite.js';

/**
 * What scales, shifts and adds up the channels of images moves into the filters of the pointwise convolutions that read
 * them, or that wrote them. With a filter W, a scale g and a shift s:
 *
 *     W (g x + s) = (W g) x + W s                       conv(x + y, W) = conv(x, W) + conv(y, W)
 *     gradient of W in g x + s = (gradient in x) g + (sum of dy) s
 *     sum of n conv(dy, A) = sum over outputs of A (gradient of a filter between n and dy)
 *
 * The last one gives the gradients of a layer norm's scale from products that its filters' gradients need anyway. So no
 * image is written only to be scaled, shifted or added up. Exact but for rounding.
 */
export const channelsPass: Pass = () => (ops, node) => {
  const [a, b] = node.inputs as [GraphNode, GraphNode];
  if (node.operation === 'pointwise') return isReducible(a) ? convolved(ops, a, b) : null;
  if (node.operation === 'pointwiseFilterGrad') return filterGradient(ops, a, b);
  if (node.operation === 'mul') return scaled(ops, a, b) ?? scaled(ops, b, a);
  if (node.operation === 'add') return merged(ops, node);
  return node.operation === 'sum' && `${node.attrs['axes']}` === '0,1,2' ? summed(ops, a) : null;
};

const isImage = ({ shape }: GraphNode): boolean => shape.length === 4;

/** Whether a node holds one number for each channel of an image. */
export function isVector(x: GraphNode, image: GraphNode): boolean {
  const channels = image.shape[3] as number;
  return x.shape.at(-1) === channels && channels > 1 && x.shape.slice(0, -1).every((length) => length === 1);
}

/** An image and the vector that another scales or shifts it by. */
function withVector(node: GraphNode): { image: GraphNode; vector: GraphNode } | null {
  const [a, b] = node.inputs as [GraphNode, GraphNode];
  if (isImage(a) && sameShape(a, node) && isVector(b, node)) return { image: a, vector: b };
  return isImage(b) && sameShape(b, node) && isVector(a, node) ? { image: b, vector: a } : null;
}

function sameShape(x: Tensor, y: Tensor): boolean {
  return `${x.shape}` === `${y.shape}`;
}

function isScaledNorm({ operation, inputs }: GraphNode): boolean {
  return operation === 'layerNorm' && !(isAll(inputs[1], 1) && isAll(inputs[2], 0));
}

function isAll(node: GraphNode | undefined, value: number): boolean {
  return (node && valuesOf(node)?.every((x) => x === value)) ?? false;
}

/** Whether a filter can take over part of what an image is made by. */
function isReducible(x: GraphNode): boolean {
  if (isScaledNorm(x)) return true;
  if (x.operation !== 'mul' && x.operation !== 'add') return false;
  if (withVector(x)) return true;
  return x.operation === 'add' && x.inputs.every((term) => sameShape(term, x)) && x.inputs.some(isReducible);
}

/** `[O,I,1,1]` as a matrix. */
function matrix(ops: Ops, filter: Tensor): Tensor {
  return ops.reshape(filter, filter.shape.slice(0, 2));
}

/** x normalised, neither scaled nor shifted. */
function normal(ops: Ops, norm: GraphNode): GraphNode {
  const [x, scale] = norm.inputs as [GraphNode, GraphNode];
  const parts = [x, ops.fill(scale.shape, 1), ops.zeros(scale.shape)];
  return ops.apply(operationOf(norm), parts, norm.attrs) as GraphNode;
}

/** The pointwise convolution of an image, with what can be moved into its filter. */
function convolved(ops: Ops, x: GraphNode, filter: Tensor): Tensor {
  if (!isReducible(x)) return ops.pointwise(x, filter);
  const [o, i] = filter.shape as [number, number];
  const scaledBy = (v: Tensor): Tensor => ops.mul(filter, ops.reshape(v, [1, i, 1, 1]));
  const applied = (v: Tensor): Tensor =>
    ops.reshape(ops.matMul(matrix(ops, filter), ops.reshape(v, [i, 1])), [o]);
  if (x.operation === 'layerNorm') {
    const [, scale, shift] = x.inputs as [GraphNode, GraphNode, GraphNode];
    return ops.add(ops.pointwise(normal(ops, x), scaledBy(scale)), applied(shift));
  }
  const parts = withVector(x);
  if (!parts) {
    const [a, b] = x.inputs as [GraphNode, GraphNode];
    return ops.add(convolved(ops, a, filter), convolved(ops, b, filter));
  }
  if (x.operation === 'mul') return convolved(ops, parts.image, scaledBy(parts.vector));
  return ops.add(convolved(ops, parts.image, filter), applied(parts.vector));
}

/** The gradient of a filter, with what scales, shifts or adds up the images taken out. */
function filterGradient(ops: Ops, x: GraphNode, dy: GraphNode): Tensor | null {
  const [i, o] = [x.shape[3] as number, dy.shape[3] as number];
  const gradient = (from: GraphNode, to: GraphNode): Tensor =>
    filterGradient(ops, from, to) ?? ops.apply(operationNamed('pointwiseFilterGrad'), [from, to], NONE);
  const slope = dy.operation === 'mul' ? withVector(dy) : null;
  if (slope) return ops.mul(gradient(x, slope.image), ops.reshape(slope.vector, [o, 1, 1, 1]));
  if (!isReducible(x)) return null;
  const shifted = (v: Tensor): Tensor => {
    const total = ops.sum(dy, [0, 1, 2]);
    return ops.mul(ops.reshape(total, [o, 1, 1, 1]), ops.reshape(v, [1, i, 1, 1]));
  };
  if (x.operation === 'layerNorm') {
    const [, scale, shift] = x.inputs as [GraphNode, GraphNode, GraphNode];
    const inNormal = ops.mul(gradient(normal(ops, x), dy), ops.reshape(scale, [1, i, 1, 1]));
    return ops.add(inNormal, shifted(shift));
  }
  const parts = withVector(x);
  if (!parts) {
    const [a, b] = x.inputs as [GraphNode, GraphNode];
    return ops.add(gradient(a, dy), gradient(b, dy));
  }
  if (x.operation === 'mul')
    return ops.mul(gradient(parts.image, dy), ops.reshape(parts.vector, [1, i, 1, 1]));
  return ops.add(gradient(parts.image, dy), shifted(parts.vector));
}

/** The pointwise convolutions that an image is the sum of; null if it is none. */
function convolutionsIn(x: GraphNode): GraphNode[] | null {
  if (x.operation === 'pointwise') return [x];
  if (x.operation !== 'add' || !x.inputs.every((term) => sameShape(term, x))) return null;
  const terms = x.inputs.map(convolutionsIn);
  return terms.every((term) => term !== null) ? terms.flat() : null;
}

/** A sum of convolutions, its channels scaled by a vector: the filters are. */
function scaled(ops: Ops, x: GraphNode, vector: GraphNode): Tensor | null {
  if (!isImage(x) || !isVector(vector, x)) return null;
  const terms = convolutionsIn(x);
  if (!terms) return null;
  const scale = ops.reshape(vector, [x.shape[3] as number, 1, 1, 1]);
  const convolutions = terms.map(({ inputs: [image, filter] }) =>
    ops.pointwise(image as GraphNode, ops.mul(filter as GraphNode, scale)),
  );
  return convolutions.reduce((total, term) => ops.add(total, term));
}

/** The sum over all pixels of a sum of convolutions, or of such times a normalised image: a sum over their outputs. */
function summed(ops: Ops, x: GraphNode): Tensor | null {
  const direct = convolutionsIn(x);
  if (direct)
    return totalled(
      direct.map((term) => pixelSum(ops, term)),
      ops,
    );
  if (x.operation !== 'mul') return null;
  const factors = x.inputs as [GraphNode, GraphNode];
  const norm = factors.find(({ operation }) => operation === 'layerNorm');
  const other = factors.find((factor) => factor !== norm);
  const terms = norm && other && sameShape(norm, other) ? convolutionsIn(other) : null;
  return (
    terms &&
    totalled(
      terms.map((term) => productSum(ops, norm as GraphNode, term)),
      ops,
    )
  );
}

function totalled(terms: readonly Tensor[], ops: Ops): Tensor {
  return terms.reduce((total, term) => ops.add(total, term));
}

/** `[1,1,1,C]` */
function pixelSum(ops: Ops, { inputs }: GraphNode): Tensor {
  const [dy, filter] = inputs as [GraphNode, GraphNode];
  const total = ops.reshape(ops.sum(dy, [0, 1, 2]), [1, filter.shape[1] as number]);
  return ops.reshape(ops.sum(ops.mul(matrix(ops, filter), total), [1]), [1, 1, 1, filter.shape[0] as number]);
}

/** `[1,1,1,C]` */
function productSum(ops: Ops, norm: GraphNode, { inputs }: GraphNode): Tensor {
  const [dy, filter] = inputs as [GraphNode, GraphNode];
  const products = ops.apply(operationNamed('pointwiseFilterGrad'), [norm, dy], NONE);
  const weighted = ops.mul(matrix(ops, products), ops.swapLast(matrix(ops, filter)));
  return ops.reshape(ops.sum(weighted, [0]), [1, 1, 1, filter.shape[0] as number]);
}

/** A sum with two convolutions of one image, or two vectors: each pair becomes one. */
function merged(ops: Ops, node: GraphNode): Tensor | null {
  if (!isImage(node)) return null;
  const terms = termsOf(node, node);
  const vectors = terms.filter((term) => !sameShape(term, node));
  const images = new Map<GraphNode, GraphNode[]>();
  const others: GraphNode[] = [];
  for (const term of terms) {
    if (vectors.includes(term)) continue;
    const [x] = term.inputs as [GraphNode];
    if (term.operation === 'pointwise') images.set(x, [...(images.get(x) ?? []), term]);
    else others.push(term);
  }
  const pairs = [...images.values()].some((alike) => alike.length > 1);
  if (!pairs && vectors.length < 2) return null;
  const convolutions = [...images].map(([x, alike]) =>
    ops.pointwise(
      x,
      totalled(
        alike.map(({ inputs }) => inputs[1] as GraphNode),
        ops,
      ),
    ),
  );
  const shift = vectors.length > 0 ? [totalled(vectors, ops)] : [];
  const [first, ...rest] = [...convolutions, ...others] as [Tensor, ...Tensor[]];
  return totalled([first, ...shift, ...rest], ops);
}

/** The terms of a sum of images and vectors. */
function termsOf(x: GraphNode, sum: GraphNode): GraphNode[] {
  const isSum = x.operation === 'add' && sameShape(x, sum);
  const known = isSum && x.inputs.every((term) => sameShape(term, sum) || isVector(term, sum));
  return known ? x.inputs.flatMap((term) => termsOf(term, sum)) : [x];
}
