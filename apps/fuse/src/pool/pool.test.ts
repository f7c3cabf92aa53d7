import { readdirSync, readFileSync } from 'node:fs';
import { rng } from '@refusion/core';
import { encodeSafetensors, fusionNetwork } from '@refusion/networks';
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
} from '../trial.js';

const network = fusionNetwork({ dim: 4, blocks: 1, heads: 2, ffn: 1 });
beforeEach(() => openTrial(encodeSafetensors(network.init(rng(1)))));
afterEach(closeTrial);

interface Report {
  readonly fused: readonly { readonly stem: string }[];
  readonly failed: readonly { readonly stem: string; readonly message: string }[];
}

/** The files of a run, by name. */
function results(folder: string): Record<string, string> {
  const names = readdirSync(at(folder)).sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(at(folder, name)).toString('base64')]));
}

const stems = ['a', 'b', 'c', 'd', 'e'];

describe('refusion-fuse', () => {
  beforeEach(async () => {
    for (const [i, stem] of stems.entries()) await makePair(stem, 10 * i, i % 2 === 0 ? 1 : 3);
  });

  it.each([
    ['--jobs', '2'],
    ['--jobs', '1', '--batch', '2'],
    ['--jobs', '2', '--batch', '3'],
    ['--batch', '99999999999'],
  ])('gives the same pictures and the same order with %s %s %s %s', async (...dealing) => {
    await run([...argumentsWith({ '--out': at('one') }), '--raw', '--jobs', '1']);
    const { status, stdout, stderr } = spawn([
      ...argumentsWith({ '--out': at('many') }),
      ...['--raw', '--json', ...dealing],
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.stringMatching(/^fuse: 5\/5 in /m) });
    expect(results('many')).toEqual(results('one'));
    expect((JSON.parse(stdout) as Report).fused.map(({ stem }) => stem)).toEqual(stems);
  });

  it('names each bad pair of a batch or a thread, and fuses the others', async () => {
    await makePicture(at('vi', 'b.png'), 5, 1, WIDTH + 1);
    await makePicture(at('ir', 'alone.png'), 5);
    for (const dealing of [
      ['--jobs', '2'],
      ['--jobs', '1', '--batch', '3'],
    ]) {
      const { status, stdout } = spawn([...argumentsWith(), '--json', ...dealing]);
      const { fused, failed } = JSON.parse(stdout) as Report;
      expect(status).toBe(2);
      expect(fused.map(({ stem }) => stem)).toEqual(['a', 'c', 'd', 'e']);
      expect(failed.map(({ stem }) => stem)).toEqual(['alone', 'b']);
      expect(failed[1]?.message).toContain(at('vi', 'b.png'));
    }
  });

  it('says the least memory that works', async () => {
    const { status, stderr } = spawn([...argumentsWith(), '--max-memory', '1MB', '--jobs', '1', '--quiet']);
    expect(status).toBe(2);
    const line =
      /^error: a: --max-memory is too little for a picture of 9x8, the least that works is (\d+)MB$/m;
    const least = Number(line.exec(stderr)?.[1]);
    expect(least).toBeGreaterThan(100);
  });
});
