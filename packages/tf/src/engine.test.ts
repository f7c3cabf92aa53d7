import { type Engine, reference, vjp } from '@refusion/autodiff';
import { OptionError, RefusionError, ShapeError } from '@refusion/core';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { type EngineName, type KernelChoice, loadEngine } from './index.js';
import { TESTED_NAMES } from './tested-engines.js';
import { WebAssembly } from './wasm/web-assembly.js';

const printed = (['log', 'info', 'warn', 'error'] as const).map((method) => vi.spyOn(console, method));
afterAll(() => {
  for (const method of printed) expect(method).not.toHaveBeenCalled();
});

async function plusOne({ ops, read }: Engine): Promise<number[]> {
  return [...(await read(ops.add(ops.constant([1, 2], [2]), 1)))];
}

it('works while another engine is loading, and after', async () => {
  const cpu = await loadEngine('cpu');
  let loaded = false;
  const loading = loadEngine('wasm').finally(() => {
    loaded = true;
  });
  while (!loaded) {
    expect(await plusOne(cpu)).toEqual([2, 3]);
    await new Promise((next) => setImmediate(next));
  }
  const wasm = await loading;
  expect(await plusOne(wasm)).toEqual([2, 3]);
  expect(await plusOne(cpu)).toEqual([2, 3]);
});

it('takes turns with another engine, operation by operation', async () => {
  const engines = [await loadEngine('wasm'), await loadEngine('cpu')];
  const sums = engines.map(({ ops }) => ops.scalar(1));
  for (let i = 0; i < 3; i++) {
    engines.forEach(({ ops }, e) => {
      sums[e] = ops.mul(ops.add(sums[e] as tf.Tensor, e + 1), 2);
    });
  }
  const values = await Promise.all(engines.map(({ read }, e) => read(sums[e] as tf.Tensor)));
  expect(values.map((value) => [...value])).toEqual([[22], [36]]);
});

it('starts a backend once for all that ask at the same time', async () => {
  const [first, second] = await Promise.all([loadEngine(), loadEngine('wasm')]);
  expect(first.name).toBe('wasm');
  expect([...(await second.read(first.ops.scalar(3)))]).toEqual([3]);
});

it('names the engines that there are', async () => {
  const loading = loadEngine('cuda' as EngineName);
  await expect(loading).rejects.toThrow(OptionError);
  await expect(loading).rejects.toThrow(
    'loadEngine: the engine must be one of wasm, tensorflow, webgpu, cpu, got "cuda"',
  );
});

it('names the choices of kernels that there are', async () => {
  const loading = loadEngine('wasm', { kernels: 'fast' as KernelChoice });
  await expect(loading).rejects.toThrow(OptionError);
  await expect(loading).rejects.toThrow('loadEngine: kernels must be one of own, stock, got "fast"');
});

it('says whose kernels it runs', async () => {
  expect(await loadEngine('wasm')).toMatchObject({ kernels: 'own' });
  expect(await loadEngine('wasm', { kernels: 'stock' })).toMatchObject({ kernels: 'stock' });
  expect(await loadEngine('cpu')).toMatchObject({ kernels: 'stock' });
});

it('runs stock kernels, and says so, where ours cannot be had', async () => {
  const refused = vi.spyOn(WebAssembly, 'instantiate').mockRejectedValueOnce(new Error('no SIMD'));
  const engine = await loadEngine('wasm');
  expect(refused).toHaveBeenCalledOnce();
  expect(engine.kernels).toBe('stock');
  expect(engine.remark).toMatch(/^wasm: runs TensorFlow\.js's own kernels, .* this backend: no SIMD$/);
  expect(await plusOne(engine)).toEqual([2, 3]);
});

describe.each(TESTED_NAMES)('%s', (name) => {
  it('reads a copy', async () => {
    const { ops, read } = await loadEngine(name);
    const x = ops.constant([1, 2], [2]);
    (await read(x)).fill(0);
    expect([...(await read(x))]).toEqual([1, 2]);
  });

  it('keeps its own copy of a constant', async () => {
    const { ops, read } = await loadEngine(name);
    const values = new Float32Array([1, 2]);
    const x = ops.constant(values, [2]);
    values.fill(0);
    expect([...(await read(x))]).toEqual([1, 2]);
  });

  it('uses tensors of other TensorFlow.js code on its backend', async () => {
    const { ops, read } = await loadEngine(name);
    await tf.setBackend(name);
    expect([...(await read(ops.add(tf.tensor1d([1, 2]), 1)))]).toEqual([2, 3]);
  });

  it('refuses tensors of another backend', async () => {
    const { ops, read } = await loadEngine(name);
    const other = await loadEngine(name === 'wasm' ? 'cpu' : 'wasm');
    const x = other.ops.constant([1, 2], [2]);
    expect(() => ops.neg(x)).toThrow(ShapeError);
    expect(() => ops.neg(x)).toThrow(`${name}: the tensor [2] belongs to another TensorFlow.js backend`);
    await expect(read(x)).rejects.toThrow('belongs to another TensorFlow.js backend');
  });

  it('refuses tensors of another interpreter and of a running derivative', async () => {
    const { ops, release } = await loadEngine(name);
    const foreign = reference.ops.scalar(1);
    expect(() => ops.neg(foreign)).toThrow(`${name}: the tensor [] belongs to another engine`);
    expect(() => release(foreign)).toThrow('belongs to another engine or is still being traced');
    expect(() => vjp(ops, (_traced, x) => ops.neg(x), ops.scalar(1))).toThrow('is still being traced');
  });

  it('refuses released tensors', async () => {
    const { ops } = await loadEngine(name);
    const x = ops.constant([1, 2], [2]);
    ops.release(x);
    ops.release(x);
    expect(() => ops.neg(x)).toThrow(RefusionError);
    expect(() => ops.neg(x)).toThrow(`${name}: the tensor [2] has been released and cannot be used again`);
  });

  it('refuses tensors of other types', async () => {
    const { ops } = await loadEngine(name);
    await tf.setBackend(name);
    const x = tf.tensor1d([1, 2], 'int32');
    expect(() => ops.neg(x)).toThrow(`${name}: the tensor [2] must be of type float32, got int32`);
  });

  it('refuses shapes that do not fit', async () => {
    const { ops } = await loadEngine(name);
    const x = ops.zeros([1, 4, 3]);
    expect(() => ops.gram(x, ops.zeros([1, 5, 3]))).toThrow(ShapeError);
    expect(() => ops.matMul(x, x)).toThrow(ShapeError);
    expect(() => ops.slice(x, [0, 2, 0], [1, 3, 3])).toThrow(ShapeError);
    expect(() => ops.depthwise(ops.zeros([1, 2, 2, 3]), ops.zeros([4, 1, 3, 3]))).toThrow(ShapeError);
  });
});

it('wasm refuses shapes that its own kernels do not fit', async () => {
  const { ops } = await loadEngine('wasm');
  const x = ops.zeros([1, 4, 3]);
  const layerNorm = (scale: number[]) => () => ops.layerNorm(x, ops.zeros(scale), ops.zeros([3]));
  expect(layerNorm([1])).toThrow('layerNorm: scale must have the shape [3], got [1]');
  expect(() => ops.squaredNorms(ops.zeros([4, 3]))).toThrow('squaredNorms: x must have the shape [*,*,*]');
  expect(() => ops.gram(x, ops.zeros([2, 4, 3]))).toThrow('gram: y must have the shape [1,4,*], got [2,4,3]');
});
