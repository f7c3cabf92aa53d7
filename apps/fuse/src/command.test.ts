import { copyFileSync, readdirSync, readFileSync, truncateSync } from 'node:fs';
import { reference } from '@refusion/autodiff';
import { rng } from '@refusion/core';
import { readPicture } from '@refusion/image-io/node';
import { encodeSafetensors, fusionNetwork } from '@refusion/networks';
import type { Fused } from '@refusion/pipeline';
import { loadFusion } from '@refusion/pipeline/node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  argumentsWith,
  at,
  closeTrial,
  HEIGHT,
  makePair,
  openTrial,
  pixelsOf,
  readNpy,
  run,
  spawn,
  WIDTH,
} from './trial.js';

const network = fusionNetwork({ dim: 4, blocks: 1, heads: 2, ffn: 1 });
beforeEach(() => openTrial(encodeSafetensors(network.init(rng(1)))));
afterEach(closeTrial);

/** What the pipeline makes of a pair. */
async function fusedPair(stem: string, tone: 'stretch' | 'clip'): Promise<Fused> {
  const fuse = await loadFusion(at('f.safetensors'), reference);
  const [a, b] = [await readPicture(at('ir', `${stem}.png`)), await readPicture(at('vi', `${stem}.png`))];
  return fuse(a, b, { tone });
}

describe('refusion-fuse', () => {
  it('writes what the pipeline makes of each pair, and a report', async () => {
    await makePair('gray', 1);
    await makePair('colour', 3, 3);
    const { status, stdout, stderr } = await run([...argumentsWith(), '--raw', '--json']);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^fuse: 2\/2 in \d+ s, results in \S+out\n$/);
    expect(readdirSync(at('out')).sort()).toEqual(['colour.npy', 'colour.png', 'gray.npy', 'gray.png']);

    for (const stem of ['gray', 'colour']) {
      const { color, gray, raw } = await fusedPair(stem, 'stretch');
      expect(color === null).toBe(stem === 'gray');
      const { shape, data } = color ?? gray;
      expect(await pixelsOf(at('out', `${stem}.png`))).toEqual({ shape, data: [...data] });
      const { header, values } = readNpy(at('out', `${stem}.npy`));
      expect(header).toContain(`'descr': '<f4', 'fortran_order': False, 'shape': (8, 9)`);
      expect(values).toEqual([...raw.data]);
    }

    const item = (stem: string): unknown => ({
      stem,
      width: WIDTH,
      height: HEIGHT,
      file: at('out', `${stem}.png`),
      raw: at('out', `${stem}.npy`),
      seconds: expect.any(Number),
    });
    expect(JSON.parse(stdout)).toEqual({
      weights: at('f.safetensors'),
      engine: 'reference',
      task: null,
      fused: [item('colour'), item('gray')],
      failed: [],
    });
  });

  it('takes two single pictures, and another tone', async () => {
    await makePair('x', 1);
    const files = { '--a': at('ir', 'x.png'), '--b': at('vi', 'x.png') };
    const { stdout } = await run(argumentsWith({ ...files, '--tone': 'clip' }));
    expect(stdout).toBe('');
    expect(readdirSync(at('out'))).toEqual(['x.png']);
    const { gray } = await fusedPair('x', 'clip');
    expect(await pixelsOf(at('out', 'x.png'))).toEqual({ shape: gray.shape, data: [...gray.data] });
  });

  it('says nothing with --quiet while all is well', async () => {
    await makePair('x', 1);
    expect(await run([...argumentsWith(), '--quiet'])).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('keeps an old result when a source has become unreadable', async () => {
    await makePair('x', 1);
    await run(argumentsWith());
    copyFileSync(at('out', 'x.png'), at('kept.png'));
    truncateSync(at('ir', 'x.png'), 60);
    const { status, stderr } = await run([...argumentsWith(), '--quiet']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: x: .*x\.png" is damaged or cut short.*\n$/);
    expect(readFileSync(at('out', 'x.png'))).toEqual(readFileSync(at('kept.png')));
  });

  it('helps, with examples', () => {
    const { status, stdout, stderr } = spawn(['--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('--weights <file>');
    expect(stdout).toContain('Examples:\n  $ refusion-fuse --weights');
  });
});
