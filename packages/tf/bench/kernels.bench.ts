import { NONE, OPERATIONS, type Operation, type Tensor } from '@refusion/autodiff';
import { bench, describe } from 'vitest';
import { loadEngine } from '../src/index.js';

// Our kernels on the WebAssembly backend, beside TensorFlow.js's own, at the sizes of training.
// npx vitest bench packages/tf

const engines = {
  own: (await loadEngine('wasm')).ops,
  stock: (await loadEngine('wasm', { kernels: 'stock' })).ops,
};

function tensor(...shape: number[]): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  const values = Float32Array.from({ length: size }, (_unused, i) => Math.sin(i * 1.7));
  return engines.own.constant(values, shape);
}

function operation(name: string): Operation {
  const found = OPERATIONS.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`no operation is called ${name}`);
  return found;
}

function compare(name: string, inputs: readonly Tensor[], attrs: unknown = NONE): void {
  const tried = operation(name);
  describe(`${name} ${inputs.map(({ shape }) => `[${shape}]`).join(' ')}`, () => {
    for (const [kernels, ops] of Object.entries(engines)) {
      bench(kernels, () => ops.scope(() => void ops.apply(tried, inputs, attrs)));
    }
  });
}

for (const [B, S, C] of [
  [2, 64, 48],
  [4, 128, 64],
] as const) {
  const [x, y, narrow] = [tensor(B, S, S, C), tensor(B, S, S, C), tensor(B, S, S, 16)];
  const [columns, others] = [tensor(B, S * S, C), tensor(B, S * S, C)];
  const scale = tensor(C);

  compare('depthwise', [x, tensor(C, 1, 3, 3)]);
  compare('depthwiseInputGrad', [x, tensor(C, 1, 3, 3)]);
  compare('depthwiseFilterGrad', [x, y]);
  compare('pointwise', [x, tensor(16, C, 1, 1)]);
  compare('pointwiseInputGrad', [narrow, tensor(16, C, 1, 1)]);
  compare('pointwiseFilterGrad', [x, narrow]);
  compare('conv3x3FilterGrad', [x, narrow]);
  compare('gram', [columns, others]);
  compare('matMul', [columns, tensor(B, C, C)]);
  compare('squaredNorms', [columns]);
  compare('sum', [x], { axes: [0, 1, 2] });
  compare('gelu', [x]);
  compare('geluSlope', [x]);
  compare('layerNorm', [x, scale, scale], { epsilon: 1e-5 });
  compare('layerNormInputGrad', [x, y], { epsilon: 1e-5 });
  compare('maximum', [x, y]);
  compare('sign', [x]);
  compare('slice', [x], { begin: [0, 0, 0, 0], size: [B, S, S, 16] });
}
