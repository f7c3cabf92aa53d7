import { NONE, OPERATIONS, type Operation, type Tensor } from '@refusion/autodiff';
import * as tf from '@tensorflow/tfjs-core';
import { bench, describe } from 'vitest';
import { loadEngine } from '../src/index.js';

// Our kernels on the WebAssembly backend, beside what TensorFlow.js's own give, at the sizes of training.
// npx vitest bench packages/tf

const { ops } = await loadEngine('wasm');

function tensor(...shape: number[]): tf.Tensor4D {
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Float32Array.from({ length: size }, (_unused, i) => Math.sin(i * 1.7));
  return ops.constant(values, shape) as tf.Tensor4D;
}

function operation(name: string): Operation {
  const found = OPERATIONS.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no operation is called ${name}`);
  return found;
}

interface Stock {
  readonly attrs?: unknown;
  /** By default the operation's definition. */
  readonly stock?: () => unknown;
}

function compare(name: string, inputs: readonly Tensor[], { attrs = NONE, stock }: Stock = {}): void {
  const tried = operation(name);
  describe(`${name} ${inputs.map(({ shape }) => `[${shape}]`).join(' ')}`, () => {
    bench('ours', () => ops.scope(() => void ops.apply(tried, inputs, attrs)));
    bench('stock', () => tf.tidy(() => void (stock ? stock() : tried.define?.(ops, inputs, attrs))));
  });
}

/** Framed with zeros and flattened to rows: a tap of a 3x3 filter is then a shift by some rows. */
function framedRows(x: tf.Tensor4D): tf.Tensor2D {
  const framed = tf.pad(x, [
    [0, 0],
    [1, 1],
    [1, 1],
    [0, 0],
  ]);
  return tf.reshape(framed, [framed.size / x.shape[3], x.shape[3]]);
}

/** The stock way to a filter gradient: for each tap a product of dy with the shifted x. */
function shiftedProducts(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  product: (x: tf.Tensor2D, dy: tf.Tensor2D) => tf.Tensor,
): tf.Tensor {
  const [image, slope, width] = [framedRows(x), framedRows(dy), x.shape[2] + 2];
  const rows = image.shape[0] - 2 * (width + 1);
  const inner = tf.slice(slope, [width + 1, 0], [rows, slope.shape[1]]);
  const shifts = [0, width, 2 * width].flatMap((row) => [row, row + 1, row + 2]);
  const taps = shifts.map((shift) =>
    tf.tidy(() => product(tf.slice(image, [shift, 0], [rows, image.shape[1]]), inner)),
  );
  return tf.stack(taps);
}

for (const [B, S, C] of [
  [2, 64, 48],
  [4, 128, 64],
] as const) {
  const [x, y, narrow] = [tensor(B, S, S, C), tensor(B, S, S, C), tensor(B, S, S, 16)];
  const [columns, others] = [tf.reshape(x, [B, S * S, C]), tf.reshape(y, [B, S * S, C])];
  const [rows, narrowRows] = [tf.reshape(x, [B * S * S, C]), tf.reshape(narrow, [B * S * S, 16])];
  const ones = tf.ones<tf.Rank.R2>([1, B * S * S + 4 * B * (S + 1) - 2 * (S + 3)]);
  const scale = tensor(C);
  const epsilon = { attrs: { epsilon: 1e-5 } };

  compare('depthwiseFilterGrad', [x, y], {
    stock: () => shiftedProducts(x, y, (image, slope) => tf.matMul(ones, tf.mul(image, slope))),
  });
  compare('conv3x3FilterGrad', [x, narrow], {
    stock: () =>
      shiftedProducts(x, narrow, (image, slope) => tf.matMul(tf.transpose(slope), tf.clone(image))),
  });
  compare('pointwiseFilterGrad', [x, narrow], {
    stock: () => tf.matMul(tf.transpose(narrowRows), tf.clone(rows)),
  });
  compare('gram', [columns, others], { stock: () => tf.matMul(columns, others, true) });
  compare('squaredNorms', [columns], { stock: () => tf.sum(tf.square(columns), 1, true) });
  compare('sum', [x], { attrs: { axes: [0, 1, 2] }, stock: () => tf.sum(x, [0, 1, 2], true) });
  compare('gelu', [x]);
  compare('geluSlope', [x]);
  compare('layerNorm', [x, scale, scale], epsilon);
  compare('layerNormInputGrad', [x, y], epsilon);
  compare('maximum', [x, y], { stock: () => tf.maximum(x, y) });
  compare('sign', [x], { stock: () => tf.sign(x) });
  compare('broadcastTo', [scale], {
    attrs: { shape: x.shape },
    stock: () => tf.tile(tf.reshape(scale, [1, 1, 1, C]), [B, S, S, 1]),
  });
  compare('concat', [x, y], { attrs: { axis: 3 }, stock: () => tf.concat([x, y], 3) });
  compare('slice', [x], {
    attrs: { begin: [0, 0, 0, 0], size: [B, S, S, 16] },
    stock: () => tf.slice(x, [0, 0, 0, 0], [B, S, S, 16]),
  });
  compare('matMul', [columns, tensor(B, C, C)], {
    stock: () => tf.matMul(columns, tf.reshape(tensor(B, C, C), [B, C, C])),
  });
}
