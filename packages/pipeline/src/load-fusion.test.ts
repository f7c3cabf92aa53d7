import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reference } from '@refusion/autodiff';
import { FileError, type NdArray, ndarray, rng } from '@refusion/core';
import { picture } from '@refusion/image-io';
import { fusionNetwork, proposalNetwork, reconstructionNetwork } from '@refusion/networks';
import { writeSafetensors } from '@refusion/networks/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadFusion } from './node.js';

const size = { dim: 4, blocks: 1, heads: 2, ffn: 1 };
const weights = fusionNetwork(size).init(rng(1));

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'refusion-pipeline-'));
  path = join(folder, 'f.safetensors');
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

async function expectFileError(message: string): Promise<void> {
  const loading = loadFusion(path, reference);
  await expect(loading).rejects.toThrow(FileError);
  await expect(loading).rejects.toThrow(`${path}: ${message}`);
}

type Arrays = Readonly<Record<string, NdArray<Float32Array | Float64Array>>>;

describe('loadFusion', () => {
  it('reads the fusion network of a file, whatever its size', async () => {
    await writeSafetensors(path, weights, { epoch: '3' });
    const fuse = await loadFusion(path, reference);
    expect(fuse.config).toEqual(size);
    const one = picture(new Uint8Array([9]), [1, 1]);
    expect((await fuse(one, one)).raw.shape).toEqual([1, 1]);
  });

  const { 'FM.qkv1.weight': qkv, ...incomplete } = weights;
  const cases: [what: string, arrays: Arrays, message: string][] = [
    [
      'the reconstruction network',
      reconstructionNetwork(size).init(rng(1)),
      'does not hold the weights of a',
    ],
    [
      'the proposal network',
      proposalNetwork(size).init(rng(1)),
      'does not hold the weights of a fusion network',
    ],
    ['no tensor at all', {}, 'does not hold the weights of a fusion network, choose another file'],
    ['a network without one parameter', incomplete, 'the parameter "FM.qkv1.weight" is missing'],
    [
      'a parameter too many',
      { ...weights, 'head.weight': ndarray(new Float32Array(1), [1]) },
      'the parameter "head.weight" is not part of this network',
    ],
    [
      'a parameter of another shape',
      { ...incomplete, 'FM.qkv1.weight': { data: qkv?.data ?? new Float32Array(), shape: [4, 12, 1, 1] } },
      '"FM.qkv1.weight" must have the shape [12,4,1,1], got [4,12,1,1]; choose a file with a whole',
    ],
    [
      'a value that is not a number',
      {
        ...incomplete,
        'FM.qkv1.weight': { data: new Float32Array(48).fill(Number.NaN), shape: [12, 4, 1, 1] },
      },
      '"FM.qkv1.weight" has values that are not finite numbers, choose',
    ],
    [
      'a value beyond float32',
      { ...incomplete, 'FM.qkv1.weight': { data: new Float64Array(48).fill(1e39), shape: [12, 4, 1, 1] } },
      '"FM.qkv1.weight" has values that are not finite numbers, choose',
    ],
  ];
  it.each(cases)('refuses %s', async (_what, arrays, message) => {
    await writeSafetensors(path, arrays);
    await expectFileError(message);
  });

  it('refuses a file that is missing, cut short or of another kind', async () => {
    await expectFileError('no such file');
    await writeSafetensors(path, weights);
    truncateSync(path, 3000);
    await expectFileError('not an intact safetensors file');
    writeFileSync(path, 'hello, these are not weights');
    await expectFileError('not an intact safetensors file');
  });
});
