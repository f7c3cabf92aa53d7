import type { Tensor } from '@refusion/autodiff';
import { expectClose } from '@refusion/test-utils';
import { env, InferenceSession, Tensor as WebTensor } from 'onnxruntime-web';
import { describe, expect, it } from 'vitest';
import { compile } from './index.js';
import { openSession } from './node.js';

describe('a compiled model in onnxruntime for the web', () => {
  it('gives what onnxruntime for Node gives', async () => {
    const filter = Float32Array.from({ length: 36 }, (_unused, i) => Math.sin(i));
    const deep = Float32Array.from({ length: 36 }, (_unused, i) => Math.cos(3 * i));
    const bytes = compile(
      (ops, { x }, { w, d }) => {
        const features = ops.gelu(ops.depthwise(ops.conv3x3(x as Tensor, w as Tensor), d as Tensor));
        const [b, h, width, c] = features.shape as [number, number, number, number];
        const pixels = ops.reshape(features, [b, h * width, c]);
        return { features, products: ops.softmax(ops.gram(pixels, pixels), -1) };
      },
      {
        inputs: { x: { shape: ['B', 'H', 'W', 1] } },
        params: { w: { data: filter, shape: [4, 1, 3, 3] }, d: { data: deep, shape: [4, 1, 3, 3] } },
      },
    );
    const data = Float32Array.from({ length: 70 }, (_unused, i) => Math.sin(2 * i));
    const shape = [2, 1, 5, 7];
    const native = await openSession(bytes, { threads: 1 });
    const expected = await native.run({ x: { data, shape } });
    await native.close();

    env.wasm.numThreads = 1;
    const web = await InferenceSession.create(bytes, { executionProviders: ['wasm'] });
    const actual = await web.run({ x: new WebTensor('float32', data, shape) });
    await web.release();
    for (const name of ['features', 'products']) {
      expect(actual[name]?.dims).toEqual(expected[name]?.shape);
      // The same operators in float32, with sums in other orders.
      expectClose(actual[name]?.data as Float32Array, expected[name]?.data as Float32Array, 1e-6);
    }
  });
});
