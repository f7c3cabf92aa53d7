import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { FileError, OptionError, type RefusionError, rng } from '@refusion/core';
import { encodeSafetensors, fusionNetwork, reconstructionNetwork } from '@refusion/networks';
import { writeSafetensors } from '@refusion/networks/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  argumentsWith,
  at,
  closeTrial,
  makePair,
  makePicture,
  openTrial,
  run,
  spawn,
  WIDTH,
} from './trial.js';

const network = fusionNetwork({ dim: 4, blocks: 1, heads: 2, ffn: 1 });
beforeEach(() => openTrial(encodeSafetensors(network.init(rng(1)))));
afterEach(closeTrial);

interface Case {
  readonly what: string;
  readonly kind: typeof RefusionError;
  readonly message: string;
  /** Makes the case and gives the options that differ. */
  readonly options: () => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
}

const SOURCES: readonly Case[] = [
  {
    what: 'a folder that is missing',
    kind: FileError,
    message: 'nowhere" cannot be read: there is no such file or folder',
    options: () => ({ '--a': at('nowhere') }),
  },
  {
    what: 'pictures that share no name',
    kind: FileError,
    message: 'have no image of the same name',
    options: async () => {
      await makePicture(at('y.png'), 3);
      return { '--b': at('y.png') };
    },
  },
  {
    what: 'folders without pictures',
    kind: FileError,
    message: 'empty" has no images',
    options: () => {
      mkdirSync(at('empty'));
      return { '--a': at('empty'), '--b': at('empty') };
    },
  },
];

const SAME: readonly Case[] = [
  {
    what: 'one folder for both sources',
    kind: OptionError,
    message: '--a and --b must be two folders, both are',
    options: () => ({ '--b': at('ir') }),
  },
];

const WEIGHTS: readonly Case[] = [
  {
    what: 'weights that are missing',
    kind: FileError,
    message: 'none.safetensors: no such file',
    options: () => ({ '--weights': at('none.safetensors') }),
  },
  {
    what: 'weights that are cut short',
    kind: FileError,
    message: 'f.safetensors: not an intact safetensors file',
    options: () => {
      truncateSync(at('f.safetensors'), 2000);
      return {};
    },
  },
  {
    what: 'weights that are a picture',
    kind: FileError,
    message: 'x.png: not an intact safetensors file, nor a PyTorch state dict (.pth); give one',
    options: () => ({ '--weights': at('ir', 'x.png') }),
  },
  {
    what: 'weights of another network',
    kind: FileError,
    message: 'r.safetensors: does not hold the weights of a fusion network',
    options: async () => {
      await writeSafetensors(at('r.safetensors'), reconstructionNetwork(network.config).init(rng(1)));
      return { '--weights': at('r.safetensors') };
    },
  },
];

const RESULTS: readonly Case[] = [
  {
    what: 'an output folder that is a file',
    kind: FileError,
    message: 'f.safetensors: a file is in the way of this folder',
    options: () => ({ '--out': at('f.safetensors') }),
  },
  {
    what: 'an output folder below a file',
    kind: FileError,
    message: 'a file is in the way of this folder',
    options: () => ({ '--out': at('f.safetensors', 'out') }),
  },
  {
    what: 'the folder of --a for results',
    kind: OptionError,
    message: '--out must not be the folder of --a',
    options: () => ({ '--out': at('ir') }),
  },
  {
    what: 'the folder of --b under another name for results',
    kind: OptionError,
    message: '--out must not be the folder of --b',
    options: () => {
      symlinkSync(at('vi'), at('link'), 'junction');
      return { '--out': at('link') };
    },
  },
  {
    what: 'the folder of a single source for results',
    kind: OptionError,
    message: '--out must not be the folder of --b',
    options: () => ({ '--a': at('ir', 'x.png'), '--b': at('vi', 'x.png'), '--out': at('vi') }),
  },
];

const WORDS: readonly Case[] = [
  {
    what: 'an unknown engine',
    kind: OptionError,
    message: '--engine must be one of onnx, wasm, tensorflow, webgpu, cpu, reference, got "gpu"',
    options: () => ({ '--engine': 'gpu' }),
  },
  {
    what: 'an unknown tone',
    kind: OptionError,
    message: '--tone must be one of stretch, clip, none, steady, got "warm"',
    options: () => ({ '--tone': 'warm' }),
  },
];

describe('refusion-fuse', () => {
  it.each([...SOURCES, ...SAME, ...WEIGHTS, ...RESULTS, ...WORDS])(
    'refuses $what, and touches nothing',
    async ({ kind, message, options }) => {
      await makePair('x', 1);
      const before = readFileSync(at('vi', 'x.png'));
      const running = run(argumentsWith(await options()));
      await expect(running).rejects.toThrow(kind);
      await expect(running).rejects.toThrow(message);
      expect(existsSync(at('out'))).toBe(false);
      expect(readdirSync(at('vi'))).toEqual(['x.png']);
      expect(readFileSync(at('vi', 'x.png'))).toEqual(before);
    },
  );

  it('names each bad pair in one sentence, fuses the others and exits with 2', async () => {
    await makePair('good', 1, 3);
    await makePicture(at('ir', 'alone.png'), 3);
    await makePicture(at('ir', 'wide.png'), 4);
    await makePicture(at('vi', 'wide.png'), 5, 1, WIDTH + 1);
    await makePair('text', 6);
    writeFileSync(at('vi', 'text.png'), 'these are words');
    await makePair('cut', 8);
    truncateSync(at('ir', 'cut.png'), 80);

    const { status, stdout, stderr } = spawn([...argumentsWith({ '--engine': 'wasm' }), '--json']);
    expect(status).toBe(2);
    expect(readdirSync(at('out'))).toEqual(['good.png']);
    const report = JSON.parse(stdout) as { failed: { stem: string; message: string }[] };
    expect(report).toMatchObject({ engine: 'wasm', fused: [{ stem: 'good', raw: null }] });
    const messages = new Map(report.failed.map(({ stem, message }) => [stem, message]));
    expect([...messages.keys()].sort()).toEqual(['alone', 'cut', 'text', 'wide']);
    expect(messages.get('alone')).toContain(at('ir', 'alone.png'));
    expect(messages.get('cut')).toContain(`"${at('ir', 'cut.png')}" is damaged or cut short`);
    expect(messages.get('text')).toContain(`"${at('vi', 'text.png')}" is not an image`);
    for (const part of [at('ir', 'wide.png'), '9x8', at('vi', 'wide.png'), '10x8']) {
      expect(messages.get('wide')).toContain(part);
    }

    const lines = stderr.trimEnd().split('\n');
    const last = lines.pop();
    expect(lines.sort()).toEqual([...messages].map(([stem, message]) => `error: ${stem}: ${message}`).sort());
    expect(last).toMatch(/^fuse: 1\/5 in \d+ s, 4 failed, results in /);
  });

  it('tells of wrong usage in one sentence and exits with 2', () => {
    const twice = spawn([...argumentsWith(), '--backend', 'cpu']);
    expect(twice).toMatchObject({ status: 2, stdout: '' });
    expect(twice.stderr).toMatch(/^error: option '--backend <name>' cannot be used with .*\n$/);
    const without = spawn(['--weights', 'f.safetensors']);
    expect(without).toMatchObject({ status: 2, stdout: '' });
    expect(without.stderr).toBe('error: the option --out is missing, see refusion-fuse --help\n');
  });
});
