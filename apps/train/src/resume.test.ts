import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, reference } from '@refusion/autodiff';
import { rng } from '@refusion/core';
import { picture } from '@refusion/image-io';
import { writePng } from '@refusion/image-io/node';
import { onnxEngine } from '@refusion/onnx/node';
import { loadEngine, MemoryError } from '@refusion/tf';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Checkpoint } from './checkpoint-file.js';
import { Checkpoints, type FoundCheckpoint } from './checkpoints.js';
import type { GivenConfig } from './config.js';
import { trainConfig } from './configure.js';
import type { TrainingObserver } from './observer.js';
import type { TrainingOptions } from './options.js';
import { goingOn, resumedConfig } from './resume.js';
import { LEFT_OUT, LOADING } from './tested-engines.js';
import { runTraining, type TrainingReport } from './training.js';
import { version } from './version.js';

const scratch = mkdtempSync(join(tmpdir(), 'refusion-resume-'));
const at = (...parts: string[]): string => join(scratch, ...parts);
afterAll(() => rmSync(scratch, { recursive: true }));
afterEach(() => {
  vi.restoreAllMocks();
});

const TINY: GivenConfig = {
  engine: 'wasm',
  data: 'synthetic',
  scenes: 2,
  network: { dim: 4, blocks: 1, heads: 2 },
  crop: 8,
  batch: 1,
  epochs: 2,
  metaSteps: 3,
  fusionSteps: 2,
  checkpointEvery: 1,
};

/** Trains without a word. */
function trained(
  name: string,
  given: GivenConfig = {},
  options: Partial<TrainingOptions> = {},
): Promise<TrainingReport> {
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  return runTraining(trainConfig({ ...TINY, ...given }), { out: at(name), quiet: true, ...options });
}

/** Does something once so many events have been seen. */
function after(count: number, what: () => void): TrainingObserver {
  let seen = 0;
  return {
    event: () => {
      if (++seen === count) what();
    },
  };
}

/** Options of a training that is stopped after so many events. */
function stoppedAfter(count: number): Pick<TrainingOptions, 'stop' | 'observers'> {
  const controller = new AbortController();
  return { stop: controller.signal, observers: [after(count, () => controller.abort())] };
}

async function newest(name: string): Promise<Checkpoint> {
  const found = await new Checkpoints(at(name)).newest();
  return (found as FoundCheckpoint).checkpoint;
}

/** What a training leaves that must not depend on how it came there: weights, the log, and the last state. */
async function result(name: string) {
  const weights = readdirSync(at(name))
    .filter((file) => file.endsWith('.safetensors'))
    .map((file) => [file, readFileSync(at(name, file)).toString('base64')]);
  const log = readFileSync(at(name, 'log.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => ({ ...JSON.parse(line), seconds: 0, memory: 0 }));
  return { weights, log, saved: (await newest(name)).saved };
}

const engines: [string, () => Promise<Engine>][] = [
  ['reference', async () => reference],
  ...LOADING.map((name): [string, () => Promise<Engine>] => [name, () => loadEngine(name)]),
  ...[1, 2].map((workers): [string, () => Promise<Engine>] => [
    `onnx with ${workers} workers`,
    () => onnxEngine({ workers }),
  ]),
];

describe.each(engines)('a training on the engine %s', (name, load) => {
  it.each([
    ['a meta-step', 1],
    ['a fusion update', 4],
  ])('that was stopped after %s ends as one that was not', async (_where, count) => {
    const engine = await load();
    const before = engine.tensorCount();
    const given: GivenConfig = { outer: 'adam', alphaF: 'ramp', network: { dim: 2, blocks: 1, heads: 1 } };
    // The number of workers changes no bit.
    const [whole, parts] = [name.startsWith('onnx') ? 'onnx-whole' : `${name}-whole`, `${name}-${count}`];
    if (!existsSync(at(whole))) await trained(whole, given, { engine });
    const first = await trained(parts, given, { engine, ...stoppedAfter(count) });
    expect(first.stopped).toEqual({ update: count, of: 10 });
    const made = { metaSteps: Math.min(count, 3), fusionUpdates: Math.max(count - 3, 0) };
    expect(first).toMatchObject(made);
    const second = await trained(parts, given, { engine, resume: true });
    expect(second.stopped).toBeNull();
    expect(await result(parts)).toEqual(await result(whole));
    expect(engine.tensorCount()).toBe(before);
    await engine.close?.();
  });
});

for (const { name, reason } of LEFT_OUT) {
  it.runIf(false)(`a training on the engine ${name} (skipped: ${reason})`, () => {});
}

let whole: Awaited<ReturnType<typeof result>>;
beforeAll(async () => {
  await trained('whole');
  whole = await result('whole');
});

describe('going on', () => {
  it('without a checkpoint is beginning', async () => {
    await trained('begun', {}, { resume: true });
    expect(await result('begun')).toEqual(whole);
  });

  it('after the end changes nothing, and mends weights that are gone', async () => {
    cpSync(at('whole'), at('done'), { recursive: true });
    rmSync(at('done', 'fusion.safetensors'));
    const report = await trained('done', {}, { resume: true });
    expect(report).toMatchObject({ metaSteps: 6, fusionUpdates: 4, stopped: null });
    expect(Object.keys(report.losses)).toContain('outer');
    expect(await result('done')).toEqual(whole);
  });

  it('for more epochs than it was begun for ends as if it had been begun for them', async () => {
    await trained('longer', { epochs: 1 });
    await trained('longer', { epochs: 2 }, { resume: true });
    expect(await result('longer')).toEqual(whole);
  });

  it('past a checkpoint that is cut short starts from the one before, and says so', async () => {
    cpSync(at('whole'), at('cut'), { recursive: true });
    const [cut] = (await new Checkpoints(at('cut')).list()) as [string];
    truncateSync(cut, 1000);
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    await runTraining(trainConfig(TINY), { out: at('cut'), resume: true, quiet: true });
    const lines = write.mock.calls.map(([text]) => text);
    expect(lines.slice(0, 2)).toEqual([
      `${cut}: damaged or cut short, its checksum does not fit; going on from the checkpoint before it\n`,
      'going on after update 9 of 10\n',
    ]);
    expect(await result('cut')).toEqual(whole);
  });

  it('with a log that has lost its end keeps what is there', async () => {
    cpSync(at('whole'), at('log'), { recursive: true });
    truncateSync(at('log', 'log.jsonl'), 700);
    await trained('log', {}, { resume: true });
    const { log, ...rest } = await result('log');
    expect(rest).toEqual({ weights: whole.weights, saved: whole.saved });
    expect(log).toEqual(whole.log.slice(0, log.length));
  });

  it('is refused, and so is beginning again, while a training is under way there', async () => {
    const seen: unknown[] = [];
    const other = async (options: Partial<TrainingOptions>): Promise<void> => {
      seen.push(await trained('busy', {}, options).catch((error) => error));
    };
    let events = 0;
    const event = async (): Promise<void> => {
      if (++events !== 4) return;
      await other({ resume: true });
      await other({ overwrite: true });
    };
    await trained('busy', {}, { observers: [{ event }] });
    const sentence = `${at('busy')}: process ${process.pid} is training in this folder; wait until it ends`;
    expect(seen.map((error) => String(error).slice(11, 11 + sentence.length))).toEqual([sentence, sentence]);
    expect(await result('busy')).toEqual(whole);
  });

  it('is not beginning: a new training does not replace one that may go on', async () => {
    await trained('kept', {}, stoppedAfter(2));
    await expect(trained('kept')).rejects.toThrow(
      `${at('kept')}: already holds a training, go on with --resume, choose another folder or say --overwrite`,
    );
    await trained('kept', {}, { overwrite: true });
    expect(await result('kept')).toEqual(whole);
  });
});

describe('the configuration to go on with', () => {
  const given = (values: GivenConfig) => [{ values, label: (field: string) => `--${field}` }];
  beforeAll(async () => {
    await trained('run', {}, stoppedAfter(2));
  });

  /** A copy of the run, whose config.json is another. */
  const edited = (name: string, edit: (config: string) => string): string => {
    cpSync(at('run'), at(name), { recursive: true });
    const path = at(name, 'config.json');
    writeFileSync(path, edit(readFileSync(path, 'utf8')));
    return at(name);
  };

  it("is the run's, which needs not be given again", async () => {
    const expected = { config: trainConfig(TINY), notes: [] };
    expect(await resumedConfig(at('run'), given({}))).toEqual(expected);
    expect(await resumedConfig(at('run'), given(TINY))).toEqual(expected);
    expect(goingOn('run', await newest('run'), trainConfig({ ...TINY, engine: null }))).toEqual([]);
  });

  it('may differ in what changes no weights, and in what is told', async () => {
    const wanted = { keep: 9, checkpointEvery: '2min', epochs: 4, lr: 1e-5 };
    const { config } = await resumedConfig(at('run'), given(wanted));
    expect(config).toMatchObject(wanted);
    expect(goingOn('run', await newest('run'), config)).toEqual([
      'going on with epochs 4 (it was 2)',
      'going on with lr 0.00001 (it was 0.001)',
    ]);
  });

  it('tells that a ramp changes with the number of epochs', async () => {
    const checkpoint = await newest('run');
    const ramp = { ...checkpoint.config, alphaF: 'ramp' as const };
    expect(goingOn('run', { ...checkpoint, config: ramp }, { ...ramp, epochs: 4 })).toEqual([
      'going on with epochs 4 (it was 2)',
      'alpha_f rises to 1 in epoch 4 now: it goes on at 0.250 (it was 0.500)',
    ]);
    expect(goingOn('run', { ...checkpoint, config: ramp }, ramp)).toEqual([]);
  });

  it('may be of a version that differs, which is told', async () => {
    const checkpoint = await newest('run');
    const maker = { ...checkpoint.maker, version: '0.0.1' };
    expect(goingOn('run', { ...checkpoint, maker }, trainConfig(TINY))).toEqual([
      `going on with version ${version} (it was 0.0.1)`,
    ]);
  });

  it('must not differ in anything else, nor in the engine, and nothing is touched', async () => {
    const before = readFileSync(at('run', 'config.json'));
    const other: GivenConfig = {
      batch: 2,
      loss: 'average',
      network: { dim: 8, blocks: 1, heads: 2 },
      keep: 1,
    };
    await expect(trained('run', other, { resume: true })).rejects.toThrow(
      `${at('run')}: cannot go on with batch 2 (it was 1), loss "average" (it was "learnable"), network {"dim":8,"blocks":1,"heads":2,"ffn":2} (it was {"dim":4,"blocks":1,"heads":2,"ffn":2}); leave that out, or begin another run`,
    );
    await expect(trained('run', {}, { resume: true, engine: reference })).rejects.toThrow(
      `${at('run')}: cannot go on with the engine reference (it was wasm); give that, or begin another run`,
    );
    expect(readFileSync(at('run', 'config.json'))).toEqual(before);
  });

  it('must not have fewer epochs than have begun', async () => {
    const checkpoint = await newest('run');
    const one = trainConfig({ ...TINY, epochs: 1 });
    expect(goingOn('run', checkpoint, one)).toHaveLength(1);
    const position = { epoch: 1, phase: 'meta', step: 1 } as const;
    const further = { ...checkpoint.saved, values: { ...checkpoint.saved.values, position } };
    expect(() => goingOn('run', { ...checkpoint, saved: further }, one)).toThrow(
      'run: cannot go on with epochs 1, as 2 have begun; leave that out, or give more',
    );
  });

  it('comes from the checkpoint where config.json is gone, or not JSON any more', async () => {
    const broken = edited('broken', (config) => config.slice(0, -20));
    expect(await resumedConfig(broken, given({ epochs: 3 }))).toEqual({
      config: trainConfig({ ...TINY, epochs: 3 }),
      notes: [`${join(broken, 'config.json')}: not JSON any more, made anew`],
    });
    rmSync(join(broken, 'config.json'));
    const { config } = await resumedConfig(broken, given({}));
    expect(config).toEqual(trainConfig(TINY));
    await trained('broken', {}, { resume: true });
    expect(JSON.parse(readFileSync(join(broken, 'config.json'), 'utf8'))).toEqual(config);
  });

  it('may change in config.json as it may by flags, and no more', async () => {
    const longer = edited('longer-run', (config) => config.replace('"epochs": 2', '"epochs": 5'));
    expect((await resumedConfig(longer, given({}))).config.epochs).toBe(5);
    const loss = edited('other-loss', (config) => config.replace('"alphaR": 1', '"alphaR": 3'));
    await expect(resumedConfig(loss, given({}))).rejects.toThrow(
      `${join(loss, 'config.json')}: cannot go on with alphaR 3 (it was 1); restore that, or begin another run`,
    );
  });

  it('is what is given where nothing was begun', async () => {
    mkdirSync(at('empty'));
    expect((await resumedConfig(at('empty'), given(TINY))).config).toEqual(trainConfig(TINY));
    await expect(resumedConfig(at('empty'), given({}))).rejects.toThrow('--data is missing');
  });
});

describe('what ends a training early is one sentence, and nothing is lost', () => {
  const folders: GivenConfig = { data: at('pairs'), a: 'ir', b: 'vi', scenes: 64, cache: 0 };
  beforeAll(async () => {
    const random = rng(1);
    for (const folder of ['ir', 'vi']) {
      mkdirSync(at('pairs', folder), { recursive: true });
      for (const stem of ['p1', 'p2', 'p3']) {
        const data = Uint8Array.from({ length: 320 }, () => random.integer(256));
        await writePng(at('pairs', folder, `${stem}.png`), picture(data, [16, 20]));
      }
    }
  });

  it('pictures that vanish', async () => {
    await trained('pairs-whole', folders);
    const vanish = after(4, () => renameSync(at('pairs'), at('elsewhere')));
    const options = { observers: [vanish] };
    await expect(trained('pairs-run', { ...folders, checkpointEvery: 100 }, options)).rejects.toThrow(
      new RegExp(
        `^"${at('pairs')}/(ir|vi)/p\\d.png" cannot be read: there is no such file or folder; check the path; the training is saved up to update 4, go on with --out ${at('pairs-run')} --resume$`,
      ),
    );
    await expect(trained('pairs-run', folders, { resume: true })).rejects.toThrow(
      'there is no such file or folder',
    );
    await trained('pairs-run', { ...folders, data: at('elsewhere') }, { resume: true });
    renameSync(at('elsewhere'), at('pairs'));
    expect(await result('pairs-run')).toEqual(await result('pairs-whole'));
  });

  it('other pictures than before', async () => {
    await trained('others', folders, stoppedAfter(1));
    renameSync(at('pairs', 'ir', 'p3.png'), at('p3.png'));
    await expect(trained('others', folders, { resume: true })).rejects.toThrow(
      `${at('others')}: cannot go on with other pairs than it began with (3 then, 2 now, by name and size); restore them, or begin another run`,
    );
    renameSync(at('p3.png'), at('pairs', 'ir', 'p3.png'));
  });

  it("a data folder of which some cannot be used: the report says which, and the exit code is the caller's", async () => {
    writeFileSync(at('pairs', 'ir', 'alone.png'), '');
    const { problems } = await trained('partly', folders);
    rmSync(at('pairs', 'ir', 'alone.png'));
    expect(problems).toEqual([expect.stringContaining('alone')]);
    expect(process.exitCode).toBeUndefined();
  });

  it('memory that does not suffice: what needs less is named, and may be added on the way', async () => {
    const given: GivenConfig = { ...folders, checkpointEvery: 100 };
    const full = after(2, () => {
      throw new MemoryError('the memory ran out; use a smaller crop');
    });
    await expect(trained('memory', given, { observers: [full] })).rejects.toThrow(
      `the memory ran out; use a smaller crop, or runTraining: recompute, which needs half of the memory or less; the training is saved up to update 2, go on with --out ${at('memory')} --resume`,
    );
    const again = after(1, () => {
      throw new MemoryError('the memory ran out');
    });
    const options = { resume: true, observers: [again] };
    await expect(trained('memory', { ...given, recompute: true }, options)).rejects.toThrow(
      /^the memory ran out; the training is saved up to update 3/,
    );
  });

  it('losses that are no numbers any more: the step is rolled back, the state before it saved', async () => {
    const wild: GivenConfig = { ...folders, metaSteps: 0, lr: 1e15, checkpointEvery: 100 };
    await expect(trained('wild', wild)).rejects.toThrow(
      new RegExp(
        `^train: the (fusion|objective) loss became (NaN|Infinity) in epoch 1, step 2, on the pairs p\\d: lower the learning rate or the inner step size; seed 0; the training is saved up to update 1, go on with --out ${at('wild')} --resume$`,
      ),
    );
    const { saved } = await newest('wild');
    expect(Object.values(saved.tensors).every(({ data }) => data.every(Number.isFinite))).toBe(true);
    expect(saved.values.position).toEqual({ epoch: 0, phase: 'fusion', step: 1 });
  });

  // A device that is always full stands for a disk.
  it.runIf(process.platform === 'linux')('a log that cannot be written: the updates are saved', async () => {
    mkdirSync(at('full'));
    symlinkSync('/dev/full', at('full', 'log.jsonl'));
    await expect(trained('full')).rejects.toThrow(
      `"${at('full', 'log.jsonl')}" cannot be written: the disk is full; free some space; the training is saved up to update 1, go on with --out ${at('full')} --resume`,
    );
    rmSync(at('full', 'log.jsonl'));
    await trained('full', {}, { resume: true });
    const { log, ...rest } = await result('full');
    expect(rest).toEqual({ weights: whole.weights, saved: whole.saved });
    expect(log).toEqual(whole.log.slice(1));
  });
});
