import { readFileSync, writeFileSync } from 'node:fs';
import { type Float64Tensor, reference, type Tensor } from '@refusion/autodiff';
import { FileError, mapParams, OptionError, rng } from '@refusion/core';
import { readPicture } from '@refusion/image-io/node';
import { encodeSafetensors, fusionNetwork, proposalNetwork, reconstructionNetwork } from '@refusion/networks';
import { compile, describeModel, type ModelFunction } from '@refusion/onnx';
import { availableProviders, knownProviders, openSession } from '@refusion/onnx/node';
import { loadFusion } from '@refusion/pipeline/node';
import { expectClose } from '@refusion/test-utils';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { argumentsWith, at, closeTrial, makePair, openTrial, readNpy, run } from './trial.js';

const SIZE = { dim: 4, blocks: 1, heads: 2, ffn: 1 };
const network = fusionNetwork(SIZE);
beforeEach(async () => {
  openTrial(encodeSafetensors(network.init(rng(1))));
  await makePair('a', 1, 3);
});
afterEach(closeTrial);

/** float32 against float64 through this network. */
const NETWORK = 1e-5;

const convert = () => run(['convert', at('f.safetensors'), at('f.onnx'), '--task', 'ivif', '--quiet']);
function fuse(weights: string, options: Readonly<Record<string, string>> = {}) {
  const args = argumentsWith({ '--weights': at(weights), '--engine': 'onnx', ...options });
  return run([...args, '--raw', '--json']);
}

describe('an ONNX model', () => {
  it('is written by convert, with what is known of the network', async () => {
    await convert();
    const { inputs, outputs, metadata } = describeModel(readFileSync(at('f.onnx')));
    const image = { type: 'float', shape: ['B', 1, 'H', 'W'] };
    expect(inputs).toEqual([
      { name: 'a', ...image },
      { name: 'b', ...image },
    ]);
    expect(outputs).toEqual([{ name: 'fused', ...image }]);
    expect(metadata).toEqual({
      source: 'f.safetensors',
      format: 'refusion',
      network: 'fusion',
      task: 'ivif',
      config: '{"dim":4,"blocks":1,"heads":2,"ffn":1}',
    });
  });

  it('fuses as the weights do that it was made of', async () => {
    await convert();
    const { stdout, status } = await fuse('f.onnx');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ engine: 'onnx', task: 'ivif', failed: [] });
    const onReference = await loadFusion(at('f.safetensors'), reference);
    const { raw } = await onReference(
      await readPicture(at('ir', 'a.png')),
      await readPicture(at('vi', 'a.png')),
    );
    expectClose(readNpy(at('out', 'a.npy')).values, raw.data, NETWORK);
  });

  it.each([proposalNetwork(SIZE), reconstructionNetwork(SIZE)])(
    'of $name is written by convert, and computes as the reference does, of any size',
    async ({ name, init, apply }) => {
      const params = init(rng(3));
      writeFileSync(at('x.safetensors'), encodeSafetensors(params));
      await run(['convert', at('x.safetensors'), at('x.onnx'), '--quiet']);
      const session = await openSession(readFileSync(at('x.onnx')), { threads: 1 });
      const { inputs, outputs, metadata } = session.description;
      const axes = [...inputs, ...outputs].map(({ shape }) => [shape?.[0], ...(shape?.slice(2) ?? [])]);
      expect(axes).toEqual(axes.map(() => ['B', 'H', 'W']));
      expect(metadata).toMatchObject({ network: name, config: JSON.stringify(SIZE) });
      for (const [batch, height, width] of [
        [1, 9, 14],
        [3, 6, 5],
      ] as const) {
        const random = rng(batch);
        const size = batch * height * width;
        const images = inputs.map(() => Float32Array.from({ length: size }, () => random.uniform()));
        const results = await session.run(
          Object.fromEntries(
            images.map((data, i) => [inputs[i]?.name, { data, shape: [batch, 1, height, width] }]),
          ),
        );
        const { ops } = reference;
        const given = images.map((data) => ops.constant(data, [batch, height, width, 1]));
        const weights = mapParams(({ data, shape }) => ops.constant(data, shape), params);
        const expected = (apply as (...args: unknown[]) => Record<string, Tensor>)(ops, weights, ...given);
        expect(Object.keys(results).sort()).toEqual(Object.keys(expected).sort());
        for (const [key, value] of Object.entries(expected)) {
          // The model has its channels first.
          const { data, shape } = ops.transpose(value, [0, 3, 1, 2]) as Float64Tensor;
          expect(results[key]?.shape).toEqual(shape);
          expectClose(results[key]?.data as Float32Array, data, NETWORK);
        }
      }
      await session.close();
      await expect(fuse('x.onnx')).rejects.toThrow(
        'x.onnx: not a fusion model, which takes two float images',
      );
    },
  );

  it('runs on onnxruntime alone, on what its build has', async () => {
    await convert();
    await expect(fuse('f.onnx', { '--engine': 'wasm' })).rejects.toThrow(
      `--engine wasm cannot run ${at('f.onnx')}, an ONNX model: leave it out, or give onnx`,
    );
    const missing = process.platform === 'darwin' ? 'dml' : 'coreml';
    await expect(fuse('f.onnx', { '--provider': missing })).rejects.toThrow(
      new RegExp(`^--provider ${missing} is not in this build of onnxruntime \\(.+\\), which has cpu`),
    );
    const available = await availableProviders();
    const idle = (await knownProviders()).find((provider) => !available.includes(provider));
    if (idle) {
      const running = fuse('f.safetensors', { '--provider': idle });
      await expect(running).rejects.toThrow(OptionError);
      await expect(running).rejects.toThrow(`--provider ${idle} does not start on this machine (`);
    }
    await expect(fuse('f.safetensors', { '--engine': 'reference', '--provider': 'cpu' })).rejects.toThrow(
      '--provider is for the engine onnx, not for the engine reference',
    );
    expect((await fuse('f.safetensors', { '--provider': 'cpu' })).status).toBe(0);
  });

  const image = { shape: ['B', 'H', 'W', 1] };
  const vector = { shape: ['N'] };
  const sum: ModelFunction = (ops, { a, b }) => ({ y: ops.add(a as Tensor, b as Tensor) });
  const negated: ModelFunction = (ops, { a }) => ({ y: ops.neg(a as Tensor) });
  const others: Record<string, Uint8Array> = {
    'one image alone': compile(negated, { inputs: { a: image } }),
    vectors: compile(sum, { inputs: { a: vector, b: vector } }),
    'colour images': compile(sum, {
      inputs: { a: { shape: ['B', 'H', 'W', 3] }, b: { shape: ['B', 'H', 'W', 3] } },
    }),
  };

  it.each(Object.keys(others))('of something else, %s, is refused in one sentence', async (name) => {
    writeFileSync(at('other.onnx'), others[name] as Uint8Array);
    await expect(fuse('other.onnx')).rejects.toThrow(FileError);
    await expect(fuse('other.onnx')).rejects.toThrow(
      /other\.onnx: not a fusion model, which takes two float images \[B,1,H,W\] and gives one: it takes "a" [^\n]+$/,
    );
  });

  it('that is truncated, or no model, or missing, is refused in one sentence', async () => {
    await convert();
    writeFileSync(at('cut.onnx'), readFileSync(at('f.onnx')).subarray(0, 9000));
    await expect(fuse('cut.onnx')).rejects.toThrow(
      'cut.onnx: not an intact ONNX model, copy or export it again',
    );
    writeFileSync(at('text.onnx'), 'hello, this is no model');
    await expect(fuse('text.onnx')).rejects.toThrow(/text\.onnx: not an (intact )?ONNX model, [^\n]+$/);
    await expect(fuse('none.onnx')).rejects.toThrow('none.onnx: no such file, check the path');
  });

  it('keeps within --max-memory, and says what it needs', async () => {
    await convert();
    const { status, stderr } = await fuse('f.onnx', { '--max-memory': '1MB' });
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^error: a: --max-memory is too little for a picture of 9x8, the least that works is \d+MB: a model takes pictures whole, the weight file that it was made of takes less$/m,
    );
    const image = { shape: ['B', 'H', 'W', 1] };
    writeFileSync(at('other.onnx'), compile(sum, { inputs: { a: image, b: image } }));
    await expect(fuse('other.onnx', { '--max-memory': '2GB' })).rejects.toThrow(
      `--max-memory cannot be kept with ${at('other.onnx')}, a model that does not tell what it takes: leave it out, or give a weight file`,
    );
    expect(JSON.parse((await fuse('other.onnx')).stdout)).toMatchObject({ failed: [] });
  });

  it('of another size fuses pictures of that size alone', async () => {
    const fixed = { shape: [1, 6, 6, 1] };
    writeFileSync(at('fixed.onnx'), compile(sum, { inputs: { a: fixed, b: fixed } }));
    const { status, stderr } = await fuse('fixed.onnx');
    expect(status).toBe(2);
    expect(stderr).toMatch(/fixed\.onnx: the model cannot take these inputs: /);
  });
});
