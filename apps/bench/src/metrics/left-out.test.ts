import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { picture } from '@refusion/image-io';
import { writePng } from '@refusion/image-io/node';
import { describe, expect, it } from 'vitest';
import { first, methodsOf, resultsOf, scoresOf, triplets, useTriplets } from './test-triplets.js';

const { path, metrics, fused } = useTriplets();

describe('bench metrics tells of what cannot be scored, scores the rest and ends with 2:', () => {
  /** Scores a broken method beside a sound one, of which the result must not depend. */
  async function besideSound(): Promise<{ stderr: string }> {
    const only = await metrics(...fused('sound', 'b'), '--format', 'json', '--quiet');
    const both = await metrics(...fused('ours', 'f'), ...fused('sound', 'b'), '--format', 'json', '--quiet');
    expect(both.code).toBe(2);
    expect(methodsOf(both)).toEqual(methodsOf(only));
    const [{ notes = [] } = {}] = resultsOf(both).dataSets;
    expect(notes).toEqual([expect.stringMatching(/^ours is left out: .*\.$/)]);
    return both;
  }

  it('a method without some pictures', async () => {
    await rm(path('f', `${first}.png`));
    const { stderr } = await besideSound();
    expect(stderr).toBe(
      `error: ours: "${path('f')}" has no picture for 1 of 8 pairs: ${first}; the method is left out, as its means would not compare: add them, or score the pairs that all methods have with --common\n`,
    );
  });

  it('a method without a folder', async () => {
    await rm(path('f'), { recursive: true });
    expect((await besideSound()).stderr).toMatch(/^error: ours: .*f".*\n$/);
  });

  it('a picture of another size, naming both', async () => {
    await writePng(path('f', `${first}.png`), picture(new Uint8Array(64), [8, 8]));
    const [mine, source] = ['f', 'a'].map((kind) => path(kind, `${first}.png`));
    expect((await besideSound()).stderr).toBe(
      `error: ours: "${mine}" has 8x8 pixels and its source "${source}" 80x64 (56 rows and 72 columns fewer: another picture?); a fused picture must have the size of its sources\n`,
    );
  });

  it('a cropped picture, saying so', async () => {
    await writePng(path('f', `${first}.png`), picture(new Uint8Array(54 * 70), [54, 70]));
    expect((await besideSound()).stderr).toContain(
      ' has 70x54 pixels and its source "' +
        path('a', `${first}.png`) +
        '" 80x64 (10 rows and 10 columns fewer: cropped?); ',
    );
  });

  it('a damaged picture', async () => {
    await writeFile(path('f', `${first}.png`), 'no picture');
    expect((await besideSound()).stderr).toMatch(/^error: ours: ".*" is not an image.*\n$/);
  });

  it('a pair too small for a metric, once for all methods', async () => {
    for (const kind of ['a', 'b', 'f']) {
      await writePng(path(kind, `${first}.png`), picture(new Uint8Array(15), [3, 5]));
    }
    const { code, stdout, stderr } = await metrics(...fused('ours', 'f'), ...fused('sound', 'b'), '--quiet');
    expect(code).toBe(2);
    expect(stdout).toContain('mean of 7');
    expect(stdout).toContain('1 of 8 pairs are left out: their sources cannot be used.');
    const source = path('a', `${first}.png`);
    expect(stderr).toBe(
      `error: ${first}: "${source}" cannot be scored by SSIM: the images must be at least 7x7 pixels, got a height of 3 and a width of 5; leave SSIM out with --metrics, or the pair\n`,
    );
  });

  it('a source without a partner', async () => {
    await rm(path('b', `${first}.png`));
    const { code, stdout, stderr } = await metrics(...fused('ours', 'f'), '--quiet');
    expect(code).toBe(2);
    expect(stdout).toContain('mean of 7');
    expect(stderr).toMatch(new RegExp(`^error: ${first}: .*\n$`));
  });
});

describe('bench metrics --common', () => {
  const common = (...args: string[]) =>
    metrics(...fused('ours', 'f'), ...fused('sound', 'b'), '--common', '--quiet', ...args);
  const note = `The common set: 7 of 8 pairs, those for which every method has a picture; without ${first}.`;

  it('scores the pairs that every method has, and says so in every format', async () => {
    await rm(path('f', `${first}.png`));
    const outcome = await common('--format', 'json');
    expect([outcome.code, outcome.stderr]).toEqual([0, '']);
    const [ours, sound] = methodsOf(outcome);
    const wanted = triplets.slice(1).map(({ float64 }) => float64['EN'] as number);
    scoresOf(ours, 'EN').forEach((value, image) => {
      expect(value).toBeCloseTo(wanted[image] as number, 9);
    });
    expect([scoresOf(ours, 'EN').length, scoresOf(sound, 'EN').length]).toEqual([7, 7]);
    for (const format of ['table', 'csv', 'json', 'md', 'latex']) {
      expect((await common('--format', format)).stdout).toContain(note);
    }
  });

  it('leaves out a pair with a damaged picture, which it names, and ends with 2', async () => {
    await writeFile(path('f', `${first}.png`), 'no picture');
    const { code, stdout, stderr } = await common();
    expect([code, stdout.includes(note)]).toEqual([2, true]);
    expect(stderr).toMatch(/^error: ours: ".*" is not an image.*\n$/);
  });

  it('says so where nothing is left out, and where nothing is left', async () => {
    expect((await common()).stdout).toContain('The common set: 8 of 8 pairs, ');
    for (const { id } of triplets.slice(1)) await rm(path('f', `${id}.png`));
    await mkdir(path('other'));
    await copyFile(path('a', `${triplets[1]?.id}.png`), path('other', `${triplets[1]?.id}.png`));
    const { code, stdout, stderr } = await common(...fused('other'));
    expect([code, stdout, stderr]).toEqual([
      2,
      '',
      'error: data: no pair has a picture of every method; leave a method out\n',
    ]);
  });
});
