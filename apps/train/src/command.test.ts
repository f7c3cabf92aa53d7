import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Rng, rng } from '@refusion/core';
import { picture } from '@refusion/image-io';
import { writePng } from '@refusion/image-io/node';
import { expectParameters, fusionConfigOf, fusionNetwork } from '@refusion/networks';
import { readSafetensors } from '@refusion/networks/node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { trainCommand } from './command.js';

const scratch = mkdtempSync(join(tmpdir(), 'refusion-train-'));
const at = (...parts: string[]): string => join(scratch, ...parts);
afterAll(() => rmSync(scratch, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = 0;
});

/** Runs the command in this process; returns what it printed on stdout. */
async function run(...args: string[]): Promise<string> {
  let out = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += text;
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await trainCommand().parseAsync(['node', 'train', ...args]);
  return out;
}

const TINY = '--dim 4 --blocks 1 --heads 2 --crop 16 --batch 1 --quiet --json'.split(' ');
const SHORT = '--epochs 2 --meta-steps 2 --fusion-steps 2'.split(' ');

interface LogLine {
  readonly type: string;
  readonly epoch: number;
  readonly step: number;
  readonly tensors: number;
  readonly fusion: { readonly total: number };
  readonly outer?: { readonly total: number };
}

const logOf = (run: string): LogLine[] =>
  readFileSync(at(run, 'log.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as LogLine);

async function writePair(stem: string, random: Rng, width = 20, height = 18): Promise<void> {
  for (const folder of ['ir', 'vi']) {
    const data = Uint8Array.from({ length: width * height }, () => random.integer(256));
    await writePng(at('pairs', folder, `${stem}.png`), picture(data, [height, width]));
  }
}

describe('train on synthetic scenes', () => {
  let report: { metaSteps: number; fusionUpdates: number; pairs: number };

  beforeAll(async () => {
    const out = await run(
      '--data',
      'synthetic',
      '--task',
      'mfif',
      '--scenes',
      '2',
      '--out',
      at('synthetic'),
      ...TINY,
      ...SHORT,
    );
    report = JSON.parse(out);
  });

  it('says where --workers changes nothing', async () => {
    const synthetic = ['--data', 'synthetic', '--task', 'mfif', '--scenes', '2', '--epochs', '1'];
    const steps = ['--meta-steps', '0', '--fusion-steps', '1', '--engine', 'cpu', '--workers', '2'];
    await run(...synthetic, ...steps, '--out', at('workers'), ...TINY);
    const told = vi.mocked(process.stderr.write).mock.calls.map(([text]) => `${text}`);
    expect(told.join('')).toContain('--workers is for the engine onnx and changes nothing on cpu\n');
  });

  it('reports what it did', () => {
    expect(report).toMatchObject({ pairs: 2, metaSteps: 4, fusionUpdates: 4 });
  });

  it('logs every update, with finite losses', () => {
    const log = logOf('synthetic');
    const epoch = ['meta-step', 'meta-step', 'fusion-update', 'fusion-update'];
    expect(log.map(({ type }) => type)).toEqual([...epoch, ...epoch]);
    expect(log.map(({ epoch, step }) => `${epoch}.${step}`)).toEqual([
      '1.1',
      '1.2',
      '1.1',
      '1.2',
      '2.1',
      '2.2',
      '2.1',
      '2.2',
    ]);
    expect(
      log.every(({ fusion, outer }) => Number.isFinite(fusion.total) && Number.isFinite(outer?.total ?? 0)),
    ).toBe(true);
  });

  it('has the same number of tensors after every step', () => {
    expect(new Set(logOf('synthetic').map(({ tensors }) => tensors)).size).toBe(1);
  });

  it('writes weights that belong to the network asked for, and the configuration', async () => {
    const { tensors, metadata } = await readSafetensors(at('synthetic', 'fusion.safetensors'));
    const config = { dim: 4, blocks: 1, heads: 2, ffn: 2 };
    expect(fusionConfigOf(tensors)).toEqual(config);
    expectParameters('fusion', fusionNetwork(config).specs, tensors);
    expect(metadata).toMatchObject({ network: 'fusion', task: 'mfif', epochs: '2' });
    expect(JSON.parse(readFileSync(at('synthetic', 'config.json'), 'utf8'))).toMatchObject({
      task: 'mfif',
      network: config,
    });
    for (const file of ['proposal', 'reconstruction'])
      await readSafetensors(at('synthetic', `${file}.safetensors`));
  });

  it('looks at a fixed pair, which changes no weights', async () => {
    const index = JSON.parse(readFileSync(at('synthetic', 'view', 'index.json'), 'utf8'));
    expect(index.snapshots.map(({ update }: { update: number }) => update)).toEqual([0, 4, 8]);
    const synthetic = ['--data', 'synthetic', '--task', 'mfif', '--scenes', '2', ...TINY, ...SHORT];
    await run(...synthetic, '--out', at('unseen'), '--view-every', '0');
    expect(existsSync(at('unseen', 'view'))).toBe(false);
    const weights = (name: string) => readFileSync(at(name, 'fusion.safetensors'));
    expect(weights('unseen').equals(weights('synthetic'))).toBe(true);
  });

  it('gives the same weights for the same seed, others for another', async () => {
    const weights = async (name: string, seed: string): Promise<string> => {
      await run(
        '--data',
        'synthetic',
        '--scenes',
        '2',
        '--out',
        at(name),
        '--seed',
        seed,
        ...TINY,
        '--epochs',
        '1',
        '--meta-steps',
        '1',
        '--fusion-steps',
        '1',
      );
      return readFileSync(at(name, 'fusion.safetensors')).toString('base64');
    };
    const [first, again, other] = [
      await weights('s1', '5'),
      await weights('s2', '5'),
      await weights('s3', '6'),
    ];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('does not replace trained weights unless told to', async () => {
    const again = ['--data', 'synthetic', '--scenes', '2', '--out', at('synthetic'), ...TINY, ...SHORT];
    await expect(run(...again)).rejects.toThrow(
      'already holds a training, go on with --resume, choose another folder or say --overwrite',
    );
    rmSync(at('synthetic', 'checkpoints'), { recursive: true });
    await expect(run(...again, '--resume')).rejects.toThrow(
      'already holds trained weights, and no checkpoint to go on from; choose another folder or say --overwrite',
    );
  });
});

describe('train on folders', () => {
  beforeAll(async () => {
    for (const folder of ['ir', 'vi']) mkdirSync(at('pairs', folder), { recursive: true });
    const random = rng(1);
    for (const stem of ['p1', 'p2', 'p3']) await writePair(stem, random);
    await writePair('small', random, 20, 9);
    await writePair('broken', random);
    writeFileSync(at('pairs', 'vi', 'broken.png'), 'not a picture');
    await writePng(at('pairs', 'ir', 'alone.png'), picture(new Uint8Array(4), [2, 2]));
  });

  it('trains on what can be used, names the rest, and says so by the exit code', async () => {
    const folders = ['--data', at('pairs'), '--a', 'ir', '--b', 'vi', '--out', at('folders')];
    const shown: string[] = [];
    const write = vi.spyOn(process.stderr, 'write');
    const report = JSON.parse(await run(...folders, ...TINY, '--epochs', '1'));
    shown.push(...write.mock.calls.map(([text]) => String(text)));
    expect(report).toMatchObject({ pairs: 3, metaSteps: 2, fusionUpdates: 3 });
    expect(process.exitCode).toBe(2);
    const text = shown.join('');
    for (const name of ['alone', 'broken', 'small']) {
      expect(text).toContain(name);
      expect(report.problems.join()).toContain(name);
    }
  });

  it('says when nothing is left to train on', async () => {
    const folders = ['--data', at('pairs'), '--a', 'ir', '--b', 'vi', '--out', at('none')];
    await expect(run(...folders, ...TINY, '--crop', '19')).rejects.toThrow(
      /training needs at least 2 pairs.*got 0; the first/,
    );
  });
});

describe('Ctrl+C', () => {
  const endless = [
    '--data',
    'synthetic',
    '--scenes',
    '2',
    ...TINY,
    '--epochs',
    '1',
    '--fusion-steps',
    '100000',
    '--engine',
    'wasm',
  ];
  /** Interrupts once something holds. */
  const when = (holds: () => boolean): NodeJS.Timeout => {
    const timer = setInterval(() => {
      if (!holds() || process.listenerCount('SIGINT') === 0) return;
      clearInterval(timer);
      process.emit('SIGINT');
    }, 5);
    return timer;
  };

  it('finishes the step, saves, says so, and the exit code is 130', async () => {
    when(() => (statSync(at('stopped', 'log.jsonl'), { throwIfNoEntry: false })?.size ?? 0) > 1000);
    const { stopped } = JSON.parse(await run(...endless, '--out', at('stopped'), '--meta-steps', '1'));
    const { length } = logOf('stopped');
    expect(stopped).toEqual({ update: length, of: 100_001 });
    const checkpoint = `step-${String(length).padStart(8, '0')}.safetensors`;
    expect(existsSync(at('stopped', 'checkpoints', checkpoint))).toBe(true);
    const told = vi.mocked(process.stderr.write).mock.calls.map(([text]) => text);
    expect(told).toContain('stopping after this step; once more stops at once\n');
    expect(process.exitCode).toBe(130);
  });

  it('before the training has begun leaves nothing', async () => {
    when(() => true);
    expect(await run(...endless, '--out', at('never'), '--scenes', '100000')).toBe('');
    expect(vi.mocked(process.stderr.write).mock.calls).toEqual([
      [`${at('never')}: stopped before the first update, nothing has changed\n`],
    ]);
    expect(existsSync(at('never'))).toBe(false);
    expect(process.exitCode).toBe(130);
  });
});

describe('bad input is one sentence', () => {
  const data = ['--data', 'synthetic', '--out', at('bad')];
  it.each([
    [['--out', at('bad')], /^--data is missing: name a folder of pairs, or "synthetic"$/],
    [[...data, '--batch', '-1'], /^--batch must be a whole number of at least 1, got "-1"$/],
    [[...data, '--lr', 'fast'], /^--lr must be a number above 0, got "fast"$/],
    [[...data, '--task', 'video'], /^--task must be one of ivif, mif, mfif, meif, got "video"$/],
    [[...data, '--engine', 'abacus'], /^--engine must be one of .*, got "abacus"$/],
    [[...data, '--backend', 'abacus'], /^--backend must be one of .*, got "abacus"$/],
    [[...data, '--loss', 'none'], /^--loss must be one of learnable, .*, got "none"$/],
    [[...data, '--heads', '5'], /^--heads must divide dim, got 5 heads for dim 16$/],
    [[...data, '--watch-port', '70000'], /^--watch-port must be at most 65535, got 70000$/],
    [[...data, '--view-every', '-1'], /^--view-every must be a whole number of at least 0, got "-1"$/],
    [
      [...data, ...TINY, '--scenes', '2', '--watch-pair', 'p9'],
      /^--watch-pair must be the name of a pair, such as "ivif-0000", "ivif-0001", got "p9"$/,
    ],
    [
      [...data, '--crop', '100000'],
      /^--crop must be at most 1024 for synthetic scenes, which are drawn twice as large, got 100000$/,
    ],
    [[...data, '--metasteps', '5'], /unknown option '--metasteps'/],
    [['--data', at('pairs'), '--out', at('bad')], /^--data names a folder, so --a and --b must name/],
    [
      ['--data', at('nowhere'), '--a', 'ir', '--b', 'vi', '--out', at('bad')],
      /nowhere.*no such file or folder/,
    ],
    [
      [...data, ...TINY, '--scenes', '2', '--meta-steps', '0', '--fusion-steps', '0'],
      /^an epoch has no updates, let --meta-steps or --fusion-steps be above 0$/,
    ],
  ])('%j', async (args, message) => {
    await expect(run(...args)).rejects.toThrow(message);
  });

  it('names a setting as the file does that it comes from', async () => {
    const file = at('few.yaml');
    writeFileSync(file, 'data: synthetic\nscenes: 2\nbatch: 3\ncrop: 8');
    await expect(run('--config', file, '--out', at('bad'), '--quiet')).rejects.toThrow(
      `${file}: batch must be at most the number of pairs, 2, got 3`,
    );
  });

  it('an output folder with a file in the way', async () => {
    writeFileSync(at('file'), '');
    const args = ['--data', 'synthetic', '--scenes', '2', '--out', at('file'), ...TINY];
    await expect(run(...args)).rejects.toThrow(/file.*in the way/);
  });
});
