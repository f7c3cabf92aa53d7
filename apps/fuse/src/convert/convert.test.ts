import { copyFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { FileError, OptionError, rng } from '@refusion/core';
import { decodeSafetensors, reconstructionNetwork } from '@refusion/networks';
import { readSafetensors, writeSafetensors } from '@refusion/networks/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, closeTrial, openTrial, run, spawn } from '../trial.js';

const fixture = (path: string): string =>
  fileURLToPath(new URL(`../../../../fixtures/${path}`, import.meta.url));
const pth = fixture('fusion-tiny/tiny.pth');
// Written by the reference implementation of the format, safetensors 0.8.0, from the tensors that PyTorch holds.
const reference = readFileSync(fixture('fusion-tiny/tiny.safetensors'));

beforeEach(() => openTrial(reference));
afterEach(closeTrial);

const convert = (...args: string[]) => run(['convert', ...args]);

/** What follows the header: every number of the file. */
function numbersOf(bytes: Buffer): string {
  return bytes.subarray(8 + Number(bytes.readBigUInt64LE(0))).toString('hex');
}

describe('refusion-fuse convert', () => {
  it('says that an ONNX model cannot be converted back', async () => {
    await convert(pth, at('there.onnx'), '--quiet');
    await expect(convert(at('there.onnx'), at('back.safetensors'))).rejects.toThrow(
      `${at('there.onnx')}: an ONNX model cannot be converted back; give the weights that it was made of (.safetensors, .pth)`,
    );
  });

  it('writes of a .pth what the reference implementation writes of its tensors, byte for byte', async () => {
    const { status, stdout, stderr } = await convert(pth, at('out.safetensors'), '--task', 'mif', '--json');
    expect(status).toBe(0);
    expect(stderr).toBe(
      `convert: ${pth} to ${at('out.safetensors')}, a fusion network of 3422 parameters (dim 4, blocks 1, heads 2, ffn 1)\n`,
    );
    const written = readFileSync(at('out.safetensors'));
    expect(numbersOf(written)).toBe(numbersOf(reference));
    const { tensors, metadata } = decodeSafetensors(written, 'written');
    expect(tensors).toEqual(decodeSafetensors(reference, 'reference').tensors);
    const said = { source: 'tiny.pth', format: 'refusion', network: 'fusion', task: 'mif' };
    expect({ ...metadata }).toEqual(said);
    expect(JSON.parse(stdout)).toEqual({
      input: pth,
      output: at('out.safetensors'),
      kind: 'fusion',
      network: { dim: 4, blocks: 1, heads: 2, ffn: 1 },
      parameters: 3422,
      metadata: said,
    });
  });

  it('keeps the metadata of a safetensors file, and writes over the input in one step', async () => {
    const { tensors } = decodeSafetensors(reference, 'reference');
    const before = { epochs: '3', source: 'elsewhere.pth', note: 'größe "1"' };
    await writeSafetensors(at('x.SAFETENSORS'), tensors, before);
    expect((await convert(at('x.SAFETENSORS'), at('x.SAFETENSORS'), '--quiet')).stderr).toBe('');
    const after = await readSafetensors(at('x.SAFETENSORS'));
    expect({ ...after.metadata }).toEqual({ ...before, format: 'refusion', network: 'fusion' });
    expect(after.tensors).toEqual(tensors);
  });

  it.each([
    ['a pickle that names a callable', 'pth/callable.pth', 'it refers to "posix.system"'],
    [
      'a state dict of something else',
      'pth/f32.pth',
      'does not hold the weights of a fusion, proposal or reconstruction network',
    ],
    ['what is missing', 'pth/none.pth', 'no such file'],
    ['a picture', 'metrics-own/1-blobs-64x80/a.png', 'not an intact safetensors file'],
  ])('refuses %s by name, and writes nothing', async (_what, file, problem) => {
    const converting = convert(fixture(file), at('out.safetensors'));
    await expect(converting).rejects.toThrow(FileError);
    await expect(converting).rejects.toThrow(fixture(file));
    await expect(converting).rejects.toThrow(problem);
    expect(readdirSync(at())).toEqual(['f.safetensors', 'ir', 'vi']);
  });

  it('writes the other networks of a run, too, and says which', async () => {
    const r = reconstructionNetwork({ dim: 4, blocks: 1, heads: 2, ffn: 1 }).init(rng(1));
    await writeSafetensors(at('r.safetensors'), r);
    const { stderr } = await convert(at('r.safetensors'), at('out.safetensors'));
    expect(stderr).toMatch(
      /, a reconstruction network of \d+ parameters \(dim 4, blocks 1, heads 2, ffn 1\)\n$/,
    );
    const { tensors, metadata } = await readSafetensors(at('out.safetensors'));
    expect(tensors).toEqual(r);
    expect(metadata['network']).toBe('reconstruction');
    const { 'head2.project_out_1.weight': _left, ...part } = r;
    await writeSafetensors(at('part.safetensors'), part);
    await expect(convert(at('part.safetensors'), at('part.onnx'))).rejects.toThrow(
      /part\.safetensors: .+; choose a file with a whole reconstruction network$/,
    );
  });

  it('refuses formats that are not written, and a folder that is not there', async () => {
    for (const name of ['out.pth', 'out', 'safetensors']) {
      await expect(convert(pth, at(name))).rejects.toThrow(OptionError);
      await expect(convert(pth, at(name))).rejects.toThrow(
        `convert writes files whose names end in .safetensors or .onnx, got "${at(name)}"`,
      );
      expect(existsSync(at(name))).toBe(false);
    }
    await expect(convert(pth, at('none', 'out.safetensors'))).rejects.toThrow(
      'out.safetensors" cannot be written: there is no such file or folder',
    );
  });

  it('refuses a task other than the one that the weights state', async () => {
    const { tensors } = decodeSafetensors(reference, 'reference');
    await writeSafetensors(at('x.safetensors'), tensors, { task: 'ivif' });
    const converting = convert(at('x.safetensors'), at('out.safetensors'), '--task', 'mif');
    await expect(converting).rejects.toThrow(OptionError);
    await expect(converting).rejects.toThrow(
      `--task is mif, but ${at('x.safetensors')} says that it was trained for ivif`,
    );
    expect(existsSync(at('out.safetensors'))).toBe(false);
  });

  it('leaves the old file where the new one is no network', async () => {
    copyFileSync(pth, at('out.safetensors'));
    await expect(convert(fixture('pth/callable.pth'), at('out.safetensors'))).rejects.toThrow(FileError);
    expect(readFileSync(at('out.safetensors'))).toEqual(readFileSync(pth));
  });

  it('helps, with examples', () => {
    const { status, stdout } = spawn(['convert', '--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('refusion-fuse convert ReFusion_IVIF.pth ivif.safetensors');
    expect(spawn(['convert', 'x.pth'])).toMatchObject({
      status: 2,
      stderr: "error: missing required argument 'output'; see refusion-fuse --help\n",
    });
  });
});
