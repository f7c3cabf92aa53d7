import { OptionError, RefusionError } from '@refusion/core';
import { loadEngine } from '@refusion/tf';
import { describe, expect, it } from 'vitest';
import { engineOf } from '../engines.js';
import { bench, Collector } from '../test-bench.js';
import { runSpeed } from './command.js';
import { measureSpeed } from './measure.js';
import { median } from './median.js';
import { peerMedians, runPeer } from './peer.js';
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

describe('a batch that no memory holds', () => {
  it.each(['speed', 'cost'])('is refused by %s in one sentence', async (command) => {
    await expect(bench(command, '--batch', '3', '--size', '999999')).rejects.toThrow(
      /^a batch of 3 pairs of 999999x999999 takes at least \d+ GB, and this machine has \d+ GB; choose a smaller --batch or --size$/,
    );
  });
});

describe('measureSpeed', () => {
  it('does each piece once more than it is timed, in every round', async () => {
    const engine = await loadEngine('wasm');
    let count = 0;
    let turns = 0;
    const onRun = () => {
      count++;
    };
    const onRound = async () => {
      turns++;
    };
    await measureSpeed(engine, { ...SMALL, runs: 2, rounds: 3 }, { onRun, onRound });
    expect([count, turns]).toEqual([3 * 3 * (2 + 1), 3]);
  });

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

  it('times compiled steps, and tells how many workers', async () => {
    const engine = await engineOf('onnx', { workers: 2 });
    const speed = await measureSpeed(engine, { ...SMALL, runs: 1, workers: 2 });
    expect(speed).toMatchObject({ engine: 'onnx', threads: 2 });
    expect(Math.min(speed.meta_s, speed.fusion_s, speed.forward_s)).toBeGreaterThan(0);
    await engine.close?.();
  });
});

/** A command that prints a line and then the value of an expression, as JSON. */
const peer = (expression: string): string => `node -p "console.log(1), JSON.stringify(${expression})"`;

describe('runPeer', () => {
  it.each([
    ['exit 3', 'ended with the code 3: it says nothing'],
    ['kill -9 $$', 'was ended by the signal SIGKILL: it says nothing'],
    [peer('({meta_s:-1})'), 'must print seconds above zero, got -1 as "meta_s"'],
    [`${peer('({meta_s:1})')}; exit 1`, 'ended with the code 1: {"meta_s":1}'],
    ['echo no peer >&2; exit 1', 'ended with the code 1: no peer'],
    [peer('4'), 'must print an object in JSON as its last line, got "4"'],
    // Ended by the end of its pipe.
    ['yes', 'prints without end; give a program that ends'],
    ['echo four seconds', 'must print an object in JSON as its last line, got "four seconds"'],
    [peer('({meta_s:null})'), 'must print seconds under keys such as "meta_s"'],
  ])('refuses %s', async (command, sentence) => {
    await expect(runPeer(command)).rejects.toThrow(new RefusionError(`--against: "${command}" ${sentence}`));
  });
});

describe('peerMedians', () => {
  it('refuses a program that times something else in another round', () => {
    expect(peerMedians([{ meta_s: 1 }, { meta_s: 3 }])).toEqual({ meta_s: 2 });
    expect(() => peerMedians([{ fusion_s: 1 }, { meta_s: 1 }])).toThrow(
      new RefusionError('--against: must print the same keys in every round, got fusion_s and then meta_s'),
    );
  });
});

describe('bench speed', () => {
  it('refuses an empty program before it measures', async () => {
    await expect(bench('speed', '--against', ' ')).rejects.toThrow('--against is empty; name a program');
  });

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
    expect(stdout).toMatch(/│ meta-step, 1 pair of 8x8 +│ +[\d.]+ s │/);
    expect(stdout).toMatch(/│ fusing one pair of 8x12 +│ +[\d.]+ s │/);
    expect(stderr).toMatch(/^speed: 6\/6 in /);
  });

  it('runs another program after every round and compares', async () => {
    const [stdout, stderr] = [new Collector(), new Collector()];
    const options = { ...SMALL, engine: 'wasm', runs: 2, rounds: 2, json: true, quiet: true } as const;
    await runSpeed({ ...options, against: peer('({meta_s:100,meta_identity_s:50})') }, { stdout, stderr });
    const result = JSON.parse(stdout.text);
    expect(result.against).toEqual({ meta_s: 100, meta_identity_s: 50 });
    expect(result.ratios.meta_s * result.meta_s).toBeCloseTo(100, 0);
    expect(result.ratios.meta_identity_s * result.meta_s).toBeCloseTo(50, 0);
  });

  it.each([
    ['--engine', 'gpu'],
    ['--batch', '0'],
    ['--size', 'large'],
    ['--runs', '1.5'],
    ['--rounds', '0'],
    ['--threads', '0'],
    ['--kernels', 'fast'],
    ['--dim', '-4'],
  ])('refuses %s %s', async (option, value) => {
    await expect(bench('speed', option, value)).rejects.toThrow(
      new RegExp(`^${option} must be .*, got "${value}"$`),
    );
  });

  it.each([
    [
      ['--engine', 'wasm', '--workers', '2'],
      '--workers is for onnx, and not for the engine wasm; leave it out',
    ],
    [
      ['--engine', 'cpu', '--threads', '2'],
      '--threads is for onnx and tensorflow, and not for the engine cpu; leave it out',
    ],
    [
      ['--engine', 'onnx', '--kernels', 'stock'],
      '--kernels stock is for wasm, and not for the engine onnx; leave it out',
    ],
  ])('refuses what an engine has no use for: %j', async (options, sentence) => {
    await expect(bench('speed', ...options)).rejects.toThrow(new OptionError(sentence));
  });

  it.each(['speed', 'cost'])('names the option of a width that heads cannot share: %s', async (command) => {
    await expect(bench(command, '--dim', '7')).rejects.toThrow(
      new OptionError('--dim must be a multiple of 8, the number of attention heads, got 7'),
    );
  });

  it('times networks of another width and depth', async () => {
    const small = ['--batch', '1', '--size', '8', '--runs', '1', '--dim', '8', '--blocks', '1'];
    const { code, stdout } = await bench(
      'speed',
      '--engine',
      'onnx',
      ...small,
      '--workers',
      '1',
      '--json',
      '--quiet',
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ engine: 'onnx', threads: 1, batch: 1, size: 8 });
  });
});
