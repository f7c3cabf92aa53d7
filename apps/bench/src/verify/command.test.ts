import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FileError, RefusionError } from '@refusion/core';
import type { decodeSafetensors } from '@refusion/networks';
import { readSafetensors, writeSafetensors } from '@refusion/networks/node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { VERIFIABLE } from '../engine-names.js';
import { bench } from '../test-bench.js';
import { availabilityText } from './report.js';
import { shippedFile } from './shipped-file.js';

type Content = ReturnType<typeof decodeSafetensors>;
type Tensors = Content['tensors'];

let folder: string;
let golden: Content;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bench-verify-'));
  golden = await readSafetensors(shippedFile());
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

/** Writes a variant of the golden file. */
async function variant(
  name: string,
  tensors: Tensors,
  metadata: Content['metadata'] = golden.metadata,
): Promise<string> {
  const path = join(folder, `${name}.safetensors`);
  await writeSafetensors(path, { ...golden.tensors, ...tensors }, metadata);
  return path;
}

/** A variant without some tensors. */
async function without(name: string, unwanted: (tensor: string) => boolean): Promise<string> {
  const path = join(folder, `${name}.safetensors`);
  const kept = Object.entries(golden.tensors).filter(([tensor]) => !unwanted(tensor));
  await writeSafetensors(path, Object.fromEntries(kept), golden.metadata);
  return path;
}

const zeros = (...shape: number[]): Tensors[string] => ({
  data: new Float64Array(shape.reduce((size, length) => size * length, 1)),
  shape,
});

describe('bench verify', () => {
  it('finds the file that comes with the program and prints a verdict for each group', async () => {
    const { code, stdout } = await bench('verify');
    expect(code).toBe(0);
    expect(stdout).toContain('meta-step-small.safetensors on the engine wasm\n');
    for (const group of ['forward', 'inner gradients', 'hypergradient', 'fusion update']) {
      expect(stdout).toMatch(new RegExp(`│ ${group} +│ +\\d\\.\\de-\\d+ │ [\\w.]+ +│ +1e-[45] │ ok `));
    }
    expect(stdout).toMatch(/\nok\n$/);
  });

  // Some engines compile first. WebGPU by software, which takes longest, is left to the test of the engines themselves.
  it('runs several files on several engines', { timeout: 300_000 }, async () => {
    for (const drivers of ['VK_ICD_FILENAMES', 'VK_DRIVER_FILES']) vi.stubEnv(drivers, join(folder, 'none'));
    const again = await variant('again', {});
    const { code, stdout } = await bench('verify', shippedFile(), again, '--engine', 'all', '--json');
    expect(code).toBe(0);
    const { engines, verdicts } = JSON.parse(stdout) as {
      engines: { engine: string; loaded: boolean; remark?: string }[];
      verdicts: { file: string; engine: string; ok: boolean }[];
    };
    expect(engines.map(({ engine }) => engine)).toEqual([...VERIFIABLE]);
    const loaded = engines.filter((engine) => engine.loaded).map(({ engine }) => engine);
    expect(loaded).toEqual(expect.arrayContaining(['reference', 'wasm', 'cpu']));
    expect(verdicts.map(({ file, engine, ok }) => [file, engine, ok])).toEqual(
      [shippedFile(), again].flatMap((file) => loaded.map((name) => [file, name, true])),
    );
  });

  it('says which engines load here and why the others do not', () => {
    const text = availabilityText([
      { engine: 'wasm', loaded: true },
      { engine: 'webgpu', loaded: false, remark: 'webgpu: there is no GPU' },
    ]);
    expect(text).toMatch(/│ wasm +│ yes +│ +│/);
    expect(text).toMatch(/│ webgpu +│ no +│ webgpu: there is no GPU +│/);
    expect(availabilityText([{ engine: 'wasm', loaded: true }])).toBe('');
  });

  it('ends with 1 and names the tensor where a number is wrong', async () => {
    const { data, shape } = golden.tensors['outer.hypergrad.P.act.weight'] as Tensors[string];
    const wrong = await variant('wrong', {
      'outer.hypergrad.P.act.weight': { data: data.map((value) => 1.001 * value), shape },
      'outer.\u001b[2Jmore': zeros(1),
    });
    const { code, stdout } = await bench('verify', wrong);
    expect(code).toBe(1);
    expect(stdout).toMatch(/│ hypergradient +│ +1\.0e-3 │ outer\.hypergrad\.P\.act\.weight +│ +1e-4 │ FAIL /);
    expect(stdout).toContain('FAIL: not recomputed: "outer.\\u001b[2Jmore"\n');
    expect(stdout).toMatch(/\nFAIL\n$/);
  });

  it('writes errors that are not finite as strings in JSON', async () => {
    const { data, shape } = golden.tensors['outer.jvp.fused'] as Tensors[string];
    const nan = await variant('nan', { 'outer.jvp.fused': { data: data.map(() => Number.NaN), shape } });
    const { code, stdout } = await bench('verify', nan, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout).verdicts[0].groups[4]).toEqual({
      group: 'directional derivative',
      tensor: 'outer.jvp.fused',
      error: 'NaN',
      tolerance: 1e-4,
      ok: false,
    });
  });
});

describe('bench verify refuses, in one sentence that names the file,', () => {
  const garbage: readonly [what: string, make: () => Promise<string>, sentence: string][] = [
    ['a file that is not there', async () => join(folder, 'none'), 'no such file'],
    ['a folder', async () => folder, 'a folder'],
    ['an empty file', () => bytes('empty', ''), 'not an intact safetensors file'],
    ['garbage', () => bytes('garbage', 'garbage '.repeat(99)), 'not an intact safetensors file'],
    ['other tensors', () => without('other', (name) => name !== 'mtr.sobel.a'), 'no fusion network'],
    [
      'a network that is cut short',
      () => without('cut', (name) => name === 'theta.P.act.weight'),
      'act.weight',
    ],
    ['a network with more', () => variant('more', { 'theta.R.extra': zeros(1) }), 'extra'],
    ['a missing batch', () => without('batch', (name) => name === 'batch.mts.b'), 'batch.mts.b'],
    ['a missing result', () => without('result', (name) => name === 'outer.jvp.fused'), 'outer.jvp.fused'],
    ['a result of another shape', () => variant('shape', { 'inner.W': zeros(4) }), 'inner.W'],
    ['batches of colour', () => variant('colour', { 'batch.mtr.a': zeros(2, 3, 4, 4) }), 'batch.mtr.a'],
    ['sources of two sizes', () => variant('sizes', { 'batch.mtr.b': zeros(2, 1, 4, 4) }), 'batch.mtr.b'],
    ['no pixels', () => variant('none', { 'batch.ftr.a': zeros(2, 1, 0, 4) }), 'batch.ftr.a'],
    ['too many pixels', () => variant('large', largeBatch(400)), 'too large'],
    ['endless updates', () => variant('endless', { 'fusion_update.losses': zeros(1e9, 0) }), 'losses'],
    ['a missing setting', () => variant('eta', {}, {}), 'eta'],
    ['a step backwards', () => variant('back', {}, { ...golden.metadata, eta: '-1' }), 'eta'],
  ];

  it.each(garbage)('%s', async (_, make, sentence) => {
    const path = await make();
    const error = await bench('verify', path).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(RefusionError);
    const { message } = error as FileError;
    expect(message.startsWith(`${path}: `)).toBe(true);
    expect(message).toContain(sentence);
    expect(message).not.toContain('\n');
  });

  async function bytes(name: string, content: string): Promise<string> {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  }

  function largeBatch(side: number): Tensors {
    return { 'batch.mtr.a': zeros(1, 1, side, side), 'batch.mtr.b': zeros(1, 1, side, side) };
  }
});
