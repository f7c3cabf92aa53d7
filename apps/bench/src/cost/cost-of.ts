import { type Shape, sizeOf } from '@refusion/core';

/** What an amount of work takes, whatever engine does it. */
export interface Cost {
  /** Additions and multiplications in convolutions and matrix products. */
  readonly products: number;
  /** Numbers that all other operations compute. */
  readonly others: number;
  /** Bytes that operations read and write if each goes to memory for its inputs and its output, in float32. */
  readonly bytes: number;
}

const FLOAT = 4;
/** The same numbers under another name: nothing is moved. */
const FREE = new Set(['reshape', 'detach']);
/** Numbers are moved, and none is computed. */
const MOVES = new Set(['transpose', 'slice', 'pad', 'concat', 'broadcastTo']);

/** What one operation takes, from the shapes of its inputs and its output. */
export function costOf(operation: string, inputs: readonly Shape[], output: Shape): Cost {
  if (FREE.has(operation)) return { products: 0, others: 0, bytes: 0 };
  const products = productsOf(operation, inputs, output);
  // A slice reads no more than it gives.
  const read = operation === 'slice' ? sizeOf(output) : inputs.reduce((sum, shape) => sum + sizeOf(shape), 0);
  const computed = products > 0 || MOVES.has(operation) ? 0 : Math.max(sizeOf(output), ...inputs.map(sizeOf));
  return { products, others: computed, bytes: FLOAT * (read + sizeOf(output)) };
}

/** Two for each pair of numbers that are multiplied and added. */
function productsOf(operation: string, inputs: readonly Shape[], output: Shape): number {
  const [first = [], second = []] = inputs;
  switch (operation) {
    case 'matMul':
    case 'gram':
      // [n, k] x [k, m], and [n, i]^T x [n, j]
      return 2 * sizeOf(output) * (operation === 'gram' ? (first[1] as number) : (first.at(-1) as number));
    case 'squaredNorms':
      return 2 * sizeOf(first);
    case 'depthwise':
    case 'depthwiseInputGrad':
    case 'depthwiseFilterGrad':
      return 2 * 9 * sizeOf(first);
    case 'pointwise':
    case 'conv3x3':
    case 'pointwiseInputGrad':
    case 'conv3x3InputGrad':
      // Every pixel meets every number of the filter.
      return 2 * pixelsOf(first) * sizeOf(second);
    case 'pointwiseFilterGrad':
    case 'conv3x3FilterGrad':
      return 2 * pixelsOf(first) * sizeOf(output);
    default:
      return 0;
  }
}

function pixelsOf(image: Shape): number {
  return sizeOf(image.slice(0, -1));
}
