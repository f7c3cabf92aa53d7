import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { FileError, OptionError, rng } from '@refusion/core';
import { encodeSafetensors, fusionNetwork } from '@refusion/networks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { argumentsWith, at, closeTrial, makePair, openTrial, pixelsOf, run } from './trial.js';

const weights = encodeSafetensors(fusionNetwork({ dim: 4, blocks: 1, heads: 2, ffn: 1 }).init(rng(1)));
beforeEach(() => openTrial(weights));
afterEach(closeTrial);

/** Options with a list in place of the two sources. */
function withList(list: string, out = at('out')): string[] {
  const [, weightsFile = ''] = argumentsWith();
  return ['--weights', weightsFile, '--pairs', list, '--out', out, '--engine', 'reference'];
}

describe('refusion-fuse --pairs', () => {
  it('fuses what a list names, as folders would, and tells of what is missing by its line', async () => {
    await makePair('x', 1);
    await makePair('y', 3, 3);
    mkdirSync(at('lists'));
    writeFileSync(
      at('lists', 'pairs.csv'),
      'a,b,name\n../ir/x.png,../vi/x.png,\n../ir/none.png,../vi/y.png,n\n../ir/y.png,../vi/y.png,"y, in colour"\n',
    );
    const { status, stdout, stderr } = await run([...withList(at('lists', 'pairs.csv')), '--json']);
    expect(status).toBe(2);
    expect(stderr).toContain(
      `error: n: "${at('lists', 'pairs.csv')}", line 3: "${at('ir', 'none.png')}" cannot`,
    );
    expect(JSON.parse(stdout)).toMatchObject({
      fused: [{ stem: 'x' }, { stem: 'y, in colour', file: at('out', 'y, in colour.png') }],
      failed: [{ stem: 'n' }],
    });
    await run([...argumentsWith({ '--out': at('folders') }), '--quiet']);
    expect(await pixelsOf(at('out', 'y, in colour.png'))).toEqual(await pixelsOf(at('folders', 'y.png')));
    expect(await pixelsOf(at('out', 'x.png'))).toEqual(await pixelsOf(at('folders', 'x.png')));
  });

  it.each([
    ['--a', () => ['--a', at('ir')], '--pairs names both sources of each pair, leave --a out'],
    ['--watch', () => ['--watch'], '--pairs names both sources of each pair, leave --watch out'],
  ])('does not go with %s', async (_option, more, message) => {
    await makePair('x', 1);
    writeFileSync(at('p.json'), '[{"a":"ir/x.png","b":"vi/x.png"}]');
    const running = run([...withList(at('p.json')), ...more()]);
    await expect(running).rejects.toThrow(OptionError);
    await expect(running).rejects.toThrow(message);
    expect(existsSync(at('out'))).toBe(false);
  });

  it('keeps results out of the folders of its pictures', async () => {
    await makePair('x', 1);
    writeFileSync(at('p.json'), '[{"a":"ir/x.png","b":"vi/x.png"}]');
    await expect(run(withList(at('p.json'), at('vi')))).rejects.toThrow(
      `--out must not be the folder of "${at('vi')}"`,
    );
    expect(readdirSync(at('vi'))).toEqual(['x.png']);
  });

  it('refuses a list with an error in it before anything is fused', async () => {
    await makePair('x', 1);
    writeFileSync(at('p.csv'), 'a,b\nir/x.png,vi/x.png\nir/x.png,vi/x.png\n');
    const running = run(withList(at('p.csv')));
    await expect(running).rejects.toThrow(FileError);
    await expect(running).rejects.toThrow('line 2 and line 3: both results would be called "x"');
    expect(existsSync(at('out'))).toBe(false);
  });
});

describe('refusion-fuse --task', () => {
  it('says what the sources are, doubts sources that look exchanged once, and reports the task', async () => {
    await makePair('x', 1, 3);
    await makePair('y', 3, 3);
    const exchanged = argumentsWith({ '--a': at('vi'), '--b': at('ir'), '--task': 'ivif' });
    const { status, stdout, stderr } = await run([...exchanged, '--json']);
    expect(status).toBe(0);
    const [roles, warning, end] = stderr.split('\n');
    expect(roles).toBe('fuse: ivif, a is infrared, b is visible');
    expect(warning).toMatch(/^warning: x: with ivif, a is infrared .* are --a and --b exchanged\?$/);
    expect(end).toMatch(/^fuse: 2\/2/);
    expect(JSON.parse(stdout)).toMatchObject({ task: 'ivif' });
    expect((await run([...exchanged, '--quiet'])).stderr).toBe('');
    expect((await run([...argumentsWith({ '--task': 'ivif' })])).stderr).not.toContain('warning');
  });

  it('refuses weights that say otherwise', async () => {
    await makePair('x', 1);
    await run(['convert', at('f.safetensors'), at('mif.safetensors'), '--task', 'mif', '--quiet']);
    copyFileSync(at('mif.safetensors'), at('f.safetensors'));
    const running = run(argumentsWith({ '--task': 'ivif' }));
    await expect(running).rejects.toThrow('--task is ivif, but');
    const { stderr } = await run(argumentsWith());
    expect(stderr).toMatch(/^fuse: mif, a is CT, PET or SPECT, b is MRI\n/);
  });
});

describe('refusion-fuse --watch', () => {
  it('needs folders', async () => {
    await makePair('x', 1);
    const running = run([...argumentsWith({ '--b': at('vi', 'x.png') }), '--watch']);
    await expect(running).rejects.toThrow(OptionError);
    await expect(running).rejects.toThrow(
      `--watch watches folders, and --b is none, got "${at('vi', 'x.png')}"`,
    );
    await expect(run([...argumentsWith({ '--a': at('none') }), '--watch'])).rejects.toThrow(FileError);
  });

  it.each(['--jobs', '--batch'])('refuses %s, which it would not honour', async (option) => {
    const running = run([...argumentsWith(), '--watch', option, '2']);
    await expect(running).rejects.toThrow(OptionError);
    await expect(running).rejects.toThrow(`--watch fuses pair by pair, leave ${option} out`);
  });
});
