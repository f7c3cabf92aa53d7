import { loadEngine } from '@refusion/tf';
import { describe, expect, it } from 'vitest';
import { bench, Collector } from '../test-bench.js';
import { runSpeed } from './command.js';
import { measureSpeed } from './measure.js';
import { median } from './median.js';
import { workload } from './workload.js';

const SMALL = { batch: 1, size: 8, forward: [8, 12], network: { dim: 4, blocks: 1, heads: 2 } } as const;

describe('median', () => {
  it('is the middle value, or between the two in the middle, and leaves its input as it was', () => {
    const values = [10, 9, 1];
    expect(median(values)).toBe(9);
    expect(values).toEqual([10, 9, 1]);
    expect(median([4, 100, 1, 2])).toBe(3);
    expect(median([7])).toBe(7);
  });
});

describe('workload', () => {
  it('frees all that a run makes', async () => {
    const engine = await loadEngine('cpu');
    const { meta, fusion, forward } = workload(engine, SMALL);
    const before = engine.tensorCount();
    for (const work of [meta, fusion, forward]) {
      await work();
      expect(engine.tensorCount()).toBe(before);
    }
  });
});

describe('measureSpeed', () => {
  it('gives the keys of the PyTorch benchmark', async () => {
    const speed = await measureSpeed(await loadEngine('wasm'), { ...SMALL, runs: 2 });
    const positive = expect.toSatisfy((value: number) => value > 0);
    expect(speed).toEqual({
      engine: 'wasm',
      threads: expect.toSatisfy((threads: number) => Number.isInteger(threads) && threads >= 1),
      batch: 1,
      size: 8,
      meta_s: positive,
      fusion_s: positive,
      forward_s: positive,
      peak_gb: positive,
    });
  });
});

describe('bench speed', () => {
  async function run(json: boolean): Promise<{ code: number; stdout: string; stderr: string }> {
    const [stdout, stderr] = [new Collector(), new Collector()];
    const code = await runSpeed({ ...SMALL, engine: 'wasm', runs: 1, json, quiet: json }, { stdout, stderr });
    return { code, stdout: stdout.text, stderr: stderr.text };
  }

  it('prints one line of JSON', async () => {
    const { code, stdout, stderr } = await run(true);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ engine: 'wasm', batch: 1, size: 8 });
  });

  it('prints a table, and its progress to stderr', async () => {
    const { code, stdout, stderr } = await run(false);
    expect(code).toBe(0);
    expect(stdout).toMatch(/│ meta-step, 1 pairs of 8x8 +│ +[\d.]+ s │/);
    expect(stdout).toMatch(/│ fusing one pair of 8x12 +│ +[\d.]+ s │/);
    expect(stderr).toMatch(/^speed: 6\/6 in /);
  });

  it.each([
    ['--engine', 'gpu'],
    ['--batch', '0'],
    ['--size', 'large'],
    ['--runs', '1.5'],
  ])('refuses %s %s', async (option, value) => {
    await expect(bench('speed', option, value)).rejects.toThrow(
      new RegExp(`^${option} must be .*, got "${value}"$`),
    );
  });
});
