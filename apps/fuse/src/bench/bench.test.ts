import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { FileError, OptionError, rng } from '@refusion/core';
import { encodeSafetensors, fusionNetwork } from '@refusion/networks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { at, closeTrial, HEIGHT, makePair, makePicture, openTrial, run, WIDTH } from '../trial.js';

const network = fusionNetwork({ dim: 4, blocks: 1, heads: 2, ffn: 1 });
beforeEach(() => openTrial(encodeSafetensors(network.init(rng(1)))));
afterEach(closeTrial);

const bench = (...others: string[]): ReturnType<typeof run> =>
  run([
    ...['bench', '--weights', at('f.safetensors'), '--a', at('ir'), '--b', at('vi')],
    ...['--engine', 'reference', '--jobs', '1', ...others],
  ]);

describe('refusion-fuse bench', () => {
  it('tells how fast, and leaves nothing behind', async () => {
    await makePair('x', 1);
    await makePair('y', 3);
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith('refusion-bench-'));
    const { stdout } = await bench('--rounds', '3', '--quiet', '--json');
    const result = JSON.parse(stdout) as Record<string, number> & { latency: Record<string, number> };
    expect(result).toMatchObject({ engine: 'reference', jobs: 1, batch: 1, pairs: 6 });
    const { seconds, pairsPerSecond, megapixels, megapixelsPerSecond, latency } = result;
    expect(megapixels).toBeCloseTo((6 * WIDTH * HEIGHT) / 1e6, 12);
    expect((pairsPerSecond as number) * (seconds as number)).toBeCloseTo(6, 9);
    expect((megapixelsPerSecond as number) * (seconds as number)).toBeCloseTo(megapixels as number, 12);
    expect(latency['p50']).toBeLessThanOrEqual(latency['p90'] as number);
    expect(latency['p90']).toBeLessThanOrEqual(latency['p99'] as number);
    // The pairs of one thread follow each other, so together they take no longer than all did.
    expect(3 * (latency['p50'] as number)).toBeLessThanOrEqual(seconds as number);
    expect(result['peakMemory']).toBeGreaterThan(1e7);
    const after = readdirSync(tmpdir()).filter((name) => name.startsWith('refusion-bench-'));
    expect(after).toEqual(before);
  });

  it('starts no more threads than there are pairs, whatever it is told', async () => {
    await makePair('x', 1);
    const { stdout } = await bench('--jobs', '60', '--quiet', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ jobs: 1, pairs: 1 });
  });

  it('prints a table', async () => {
    await makePair('x', 1);
    const { stdout, stderr } = await bench();
    expect(stdout).toMatch(/engine +│ reference/);
    expect(stdout).toMatch(/pairs side by side +│ 1/);
    expect(stdout).toMatch(/pairs in one run +│ 1/);
    // Nothing is said of a folder that is gone.
    expect(stderr).toMatch(/^fuse: 1\/1 in [^,]+\n$/);
  });

  it('names pictures without a partner, and measures the others', async () => {
    await makePair('x', 1);
    await makePicture(at('ir', 'alone.png'), 5);
    const { status, stdout, stderr } = await bench('--quiet', '--json');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: alone: .*partner.*\n$/);
    const leftOut = [{ stem: 'alone', message: expect.stringContaining('partner') }];
    const { pairs, leftOut: told } = JSON.parse(stdout);
    expect({ pairs, leftOut: told }).toEqual({ pairs: 1, leftOut });
  });

  it('refuses what it cannot measure', async () => {
    await makePair('x', 1);
    await expect(bench('--rounds', '0')).rejects.toThrow(OptionError);
    await makePicture(at('vi', 'x.png'), 5, 1, WIDTH + 1);
    await expect(bench()).rejects.toThrow(FileError);
    await expect(bench()).rejects.toThrow('x: ');
  });
});
