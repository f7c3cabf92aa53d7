import { readFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type Ops, type Tensor, valueAndGrad } from '@refusion/autodiff';
import { FileError, OptionError, ShapeError } from '@refusion/core';
import { expectClose } from '@refusion/test-utils';
import {
  AttributeProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
} from 'onnx-buf';
import { describe, expect, it } from 'vitest';
import { compile, describeModel, expectModelSize, type ModelFunction } from './index.js';
import { openSession } from './node.js';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const x = { shape: ['B', 'H', 'W', 2] };

async function outputOf(
  fn: (ops: Ops, x: Tensor) => Tensor,
  shape: readonly number[],
): Promise<{ data: number[]; shape: readonly number[] }> {
  const model = compile((ops, inputs) => ({ y: fn(ops, inputs['x'] as Tensor) }), {
    inputs: { x: { ...x, layout: 'row-major' } },
    outputLayouts: { y: 'row-major' },
  });
  const session = await openSession(model, { threads: 1 });
  const size = shape.reduce((product, length) => product * length, 1);
  const data = Float32Array.from({ length: size }, (_unused, i) => i);
  const { y } = await session.run({ x: { data, shape } });
  await session.close();
  return { data: [...(y?.data ?? [])], shape: y?.shape ?? [] };
}

describe('named axes', () => {
  // Expected values by hand from the input 0, 1, 2, ...
  it('may be merged, parted, cut, padded and filled', async () => {
    const merged = await outputOf(
      (ops, t) => ops.reshape(t, [t.shape[0] as number, (t.shape[1] as number) * (t.shape[2] as number) * 2]),
      [1, 2, 3, 2],
    );
    expect(merged.shape).toEqual([1, 12]);
    expect(merged.data).toEqual(Array.from({ length: 12 }, (_unused, i) => i));

    const inner = await outputOf(
      (ops, t) => {
        const [b, h, w] = t.shape as [number, number, number];
        return ops.reshape(ops.slice(t, [0, 1, 1, 0], [b, h - 2, w - 2, 2]), [b, (h - 2) * (w - 2), 2]);
      },
      [1, 3, 4, 2],
    );
    expect(inner).toEqual({ data: [10, 11, 12, 13], shape: [1, 2, 2] });

    const framed = await outputOf(
      (ops, t) => ops.sum(ops.pad(t, [0, 1, 0, 0], [0, 2, 0, 0]), [2]),
      [1, 1, 2, 2],
    );
    expect(framed).toEqual({ data: [0, 0, 2, 4, 0, 0, 0, 0], shape: [1, 4, 2] });

    const filled = await outputOf((ops, t) => ops.add(ops.fill(t.shape, 1), t), [1, 1, 1, 2]);
    expect(filled.data).toEqual([1, 2]);
  });

  it('stand for means', async () => {
    expect((await outputOf((ops, t) => ops.mean(t), [1, 2, 3, 2])).data).toEqual([5.5]);
    expect((await outputOf((ops, t) => ops.mean(t, [1, 2]), [2, 2, 1, 2])).data).toEqual([1, 2, 5, 6]);
  });

  it('keep the digits of sums over all pixels, image by image', async () => {
    const model = compile(
      (ops, { x: image }) => {
        const [b, h, w, c] = (image as Tensor).shape as [number, number, number, number];
        const pixels = ops.reshape(image as Tensor, [b, h * w, c]);
        return { y: ops.gram(pixels, pixels) };
      },
      { inputs: { x } },
    );
    const session = await openSession(model, { threads: 1 });
    const size = 700 * 700;
    // Two images of two channels, each of one value.
    const values = [0.3, 0.7, 0.1, 0.9].map(Math.fround);
    const data = Float32Array.from(
      { length: 4 * size },
      (_unused, i) => values[Math.floor(i / size)] as number,
    );
    const { y } = await session.run({ x: { data, shape: [2, 2, 700, 700] } });
    await session.close();
    const [a, b, c, d] = values as [number, number, number, number];
    const products = [a * a, a * b, a * b, b * b, c * c, c * d, c * d, d * d];
    expect(y?.shape).toEqual([2, 2, 2]);
    // One float32 sum over all pixels is off by 1e-5 and more.
    expectClose(
      [...(y?.data ?? [])].map((sum, i) => sum / size / (products[i] as number)),
      new Array(8).fill(1),
      2e-6,
    );
  });

  it('are refused where a graph cannot say what depends on them', () => {
    const refused = (fn: (ops: Ops, t: Tensor) => Tensor, message: string): void => {
      const run: ModelFunction = (ops, inputs) => ({ y: fn(ops, inputs['x'] as Tensor) });
      expect(() => compile(run, { inputs: { x } })).toThrow(ShapeError);
      expect(() => compile(run, { inputs: { x } })).toThrow(message);
    };
    const end =
      'depends on the length of a named axis in a way that a graph cannot express, compile for fixed lengths';
    refused((ops, t) => ops.mul(t, Math.sqrt(t.shape[1] as number)), `compile: a constant [] ${end}`);
    refused(
      (ops, t) => ops.slice(t, [0, 0, 0, 0], [1, Math.ceil((t.shape[1] as number) / 2), 1, 2]),
      `compile: "slice" ${end}`,
    );
    refused((ops, t) => ((t.shape[1] as number) % 2 ? ops.exp(t) : ops.neg(t)), `${end}`);
  });

  it('are at most five', () => {
    const run: ModelFunction = (ops, inputs) => ({ y: ops.neg(inputs['x'] as Tensor) });
    expect(() => compile(run, { inputs: { x: { shape: ['A', 'B', 'C', 'D', 'E', 'F'] } } })).toThrow(
      'compile: at most 5 axes can have names, got A, B, C, D, E, F',
    );
  });
});

describe('a compiled model', () => {
  it('can hold a derivative', async () => {
    const model = compile(
      (ops, inputs) => {
        const square = (o: Ops, t: Tensor): Tensor => o.sum(o.mul(t, o.mul(t, t)));
        const { value, gradient } = valueAndGrad(ops, square, inputs['x'] as Tensor);
        return { value, gradient };
      },
      { inputs: { x: { shape: ['N'] } } },
    );
    const session = await openSession(model, { threads: 1 });
    const { value, gradient } = await session.run({ x: { data: new Float32Array([1, 2, 3]), shape: [3] } });
    await session.close();
    expect([...(value?.data ?? [])]).toEqual([36]);
    expect([...(gradient?.data ?? [])]).toEqual([3, 12, 27]);
  });

  it('says what it takes, gives and is', () => {
    const model = compile((ops, inputs) => ({ y: ops.exp(inputs['x'] as Tensor) }), {
      inputs: { x },
      metadata: { task: 'ivif' },
    });
    expect(describeModel(model)).toEqual({
      inputs: [{ name: 'x', type: 'float', shape: ['B', 2, 'H', 'W'] }],
      outputs: [{ name: 'y', type: 'float', shape: ['B', 2, 'H', 'W'] }],
      metadata: { task: 'ivif' },
      blocked: false,
      producer: `@refusion/onnx ${version}`,
    });
  });

  it('cannot call an input and an output the same', () => {
    const run: ModelFunction = (ops, inputs) => ({ x: ops.exp(inputs['x'] as Tensor) });
    expect(() => compile(run, { inputs: { x } })).toThrow(OptionError);
    expect(() => compile(run, { inputs: { x } })).toThrow(
      'compile: an input and an output are both called "x", rename one',
    );
  });

  it('is cut into strips for fixed lengths alone', () => {
    const run: ModelFunction = (ops, inputs) => ({ y: ops.exp(inputs['x'] as Tensor) });
    expect(() => compile(run, { inputs: { x }, stripPixels: 100 })).toThrow(
      'compile: stripPixels needs fixed lengths, give B, H, W as numbers',
    );
    const fixed = { x: { shape: [1, 64, 2, 2] } };
    expect(() => compile(run, { inputs: fixed, stripPixels: 0 })).toThrow(OptionError);
  });

  it('is cut into strips of so many pixels of all images of a batch', () => {
    const run: ModelFunction = (ops, inputs) => ({ y: ops.exp(ops.neg(inputs['x'] as Tensor)) });
    const nodes = (batch: number, stripPixels: number): number | undefined => {
      const model = compile(run, { inputs: { x: { shape: [batch, 64, 2, 2] } }, stripPixels });
      return fromBinary(ModelProtoSchema, model).graph?.node.length;
    };
    expect(nodes(4, 4 * 16 * 2)).toBe(nodes(1, 16 * 2));
    expect(nodes(4, 16 * 2)).toBe(nodes(1, 8 * 2));
  });

  it('is blocked for fixed lengths alone, by a block that there is', () => {
    const run: ModelFunction = (ops, inputs) => ({ y: ops.exp(inputs['x'] as Tensor) });
    expect(() => compile(run, { inputs: { x }, block: 16 })).toThrow(
      'compile: block needs fixed lengths, give B, H, W as numbers',
    );
    const fixed = { x: { shape: [1, 4, 2, 16] } };
    expect(() => compile(run, { inputs: fixed, block: 5 as 4 })).toThrow(
      'compile: block must be one of 4, 8, 16, got 5',
    );
  });

  it('gives the same whether or not the runtime rewrites it first', async () => {
    const run: ModelFunction = (ops, inputs) => ({ y: ops.exp(ops.neg(inputs['x'] as Tensor)) });
    const session = await openSession(compile(run, { inputs: { x: { shape: [2] } } }), { optimise: false });
    const { y } = await session.run({ x: { data: new Float32Array([0, Math.log(2)]), shape: [2] } });
    await session.close();
    expectClose(y?.data ?? [], [1, 0.5], 1e-6);
  });

  it.each([
    ['what goes by rows', (ops: Ops, t: Tensor) => ops.mul(ops.neg(t), ops.exp(t))],
    ['sums over pixels', (ops: Ops, t: Tensor) => ops.sub(t, ops.mean(t, [1, 2], { keepDims: true }))],
    ['sums over rows', (ops: Ops, t: Tensor) => ops.sum(t, [1])],
    ['a mirror image of rows and columns', (ops: Ops, t: Tensor) => ops.transpose(ops.exp(t), [0, 2, 1, 3])],
    ['a frame of zeros', (ops: Ops, t: Tensor) => ops.pad(ops.exp(t), [0, 1, 0, 0], [0, 0, 0, 1])],
    ['a flat list', (ops: Ops, t: Tensor) => ops.reshape(ops.exp(t), [20 * 3 * 2])],
    ['the largest of each column', (ops: Ops, t: Tensor) => ops.max(ops.neg(t), [1])],
  ])('gives the same in strips: %s', async (_name, fn) => {
    const shape = [1, 20, 3, 2];
    const data = Float32Array.from({ length: 120 }, (_unused, i) => Math.sin(i));
    const outputs = await Promise.all(
      [undefined, 1].map(async (stripPixels) => {
        const run: ModelFunction = (ops, inputs) => ({ y: fn(ops, inputs['x'] as Tensor) });
        const session = await openSession(
          compile(run, { inputs: { x: { shape } }, ...(stripPixels ? { stripPixels } : {}) }),
          { threads: 1 },
        );
        const { y } = await session.run({ x: { data, shape: [1, 2, 20, 3] } });
        await session.close();
        return [...(y?.data ?? [])];
      }),
    );
    expectClose(outputs[1] as number[], outputs[0] as number[], 1e-6);
  });

  it('refuses inputs that do not fit, in one sentence', async () => {
    const model = compile((ops, inputs) => ({ y: ops.exp(inputs['x'] as Tensor) }), { inputs: { x } });
    const session = await openSession(model, { threads: 1, name: 'exp.onnx' });
    await expect(session.run({})).rejects.toThrow('exp.onnx: the input "x" is missing');
    const wrong = { data: new Float32Array(3), shape: [1, 3, 1, 1] };
    await expect(session.run({ x: wrong })).rejects.toThrow(
      /^exp\.onnx: the model cannot take these inputs: [^\n]+$/,
    );
    await session.close();
    await expect(session.run({ x: wrong })).rejects.toThrow(
      'exp.onnx: the session has been closed, open another',
    );
  });

  it('names a provider that is not there, and those that are', async () => {
    const model = compile((ops, inputs) => ({ y: ops.exp(inputs['x'] as Tensor) }), { inputs: { x } });
    await expect(openSession(model, { provider: 'coreml-missing' as 'coreml' })).rejects.toThrow(
      /^the provider coreml-missing is not in this build of onnxruntime \(.+\), which has cpu/,
    );
  });
});

describe('describeModel', () => {
  it('wants bytes, not a path', () => {
    expect(() => describeModel('model.onnx' as unknown as Uint8Array)).toThrow(
      'the model: give the bytes of a model, a Uint8Array, got the string model.onnx',
    );
  });

  const model = compile((ops, inputs) => ({ y: ops.exp(inputs['x'] as Tensor) }), { inputs: { x } });
  const text = new TextEncoder().encode('not a model at all, but long enough to look like one');

  it.each([
    [
      'a truncated one',
      model.slice(0, model.length - 20),
      'm.onnx: not an intact ONNX model, copy or export it again',
    ],
    ['text', text, 'm.onnx: not an intact ONNX model, copy or export it again'],
    ['an empty file', new Uint8Array(0), 'm.onnx: not an ONNX model, choose another file'],
  ])('refuses %s in one sentence', (_name, bytes, message) => {
    expect(() => describeModel(bytes, 'm.onnx')).toThrow(FileError);
    expect(() => describeModel(bytes, 'm.onnx')).toThrow(message);
  });

  it('refuses data in other files, wherever the tensor is, and a file that is far too large', async () => {
    const weights = compile(
      (ops, inputs) => ({ y: ops.add(inputs['x'] as Tensor, ops.constant([1, 2], [2])) }),
      {
        inputs: { x },
      },
    );
    const parsed = fromBinary(ModelProtoSchema, weights);
    const tensor = parsed.graph?.initializer[0] as TensorProto;
    tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
    const message =
      'm.onnx: keeps data in other files, save the model again with its weights inside the file';
    const opening = openSession(toBinary(ModelProtoSchema, parsed), { name: 'm.onnx' });
    await expect(opening).rejects.toThrow(FileError);
    await expect(opening).rejects.toThrow(message);
    parsed.graph?.initializer.splice(0);
    const attribute = create(AttributeProtoSchema, { name: 'value', t: tensor });
    parsed.graph?.node.unshift(create(NodeProtoSchema, { opType: 'Constant', attribute: [attribute] }));
    expect(() => describeModel(toBinary(ModelProtoSchema, parsed), 'm.onnx')).toThrow(message);
    expect(() => expectModelSize(300 * 2 ** 20, 'm.onnx')).toThrow(
      'm.onnx: 300 MB are more than the 256 MB that a model may have, choose another file',
    );
  });

  it('refuses any beginning of a model', async () => {
    for (let length = 1; length < model.length; length += 7) {
      await expect(openSession(model.slice(0, length), { name: 'm.onnx' })).rejects.toThrow(
        /^m\.onnx: [^\n]+$/,
      );
    }
  });
});
