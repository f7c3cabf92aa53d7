import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reference, type Tensor } from '@refusion/autodiff';
import type { Params } from '@refusion/core';
import { type HostBatch, type TrainingStream, train } from '@refusion/meta';
import { refusionLearner } from '@refusion/pipeline';
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GivenConfig } from './config.js';
import { trainConfig } from './configure.js';
import { settingsOf } from './schedule.js';
import { runTraining } from './training.js';

// What the loop is given is looked at, and nothing is trained.
vi.mock('@refusion/meta', async (original) => ({ ...(await original<object>()), train: vi.fn() }));
vi.mock('@refusion/pipeline', async (original) => {
  const real = await original<{ refusionLearner: () => unknown }>();
  return { ...real, refusionLearner: vi.fn(real.refusionLearner) };
});

const scratch = mkdtempSync(join(tmpdir(), 'refusion-schedule-'));
afterAll(() => rmSync(scratch, { recursive: true }));
beforeEach(() => {
  vi.mocked(train).mockImplementation(async function* () {});
});

const TINY = { data: 'synthetic', crop: 8, batch: 1, network: { dim: 2, blocks: 1, heads: 1 } } as const;

/** What the loop is given for a configuration. */
async function given(config: GivenConfig) {
  const options = { out: mkdtempSync(join(scratch, 'run-')), quiet: true, engine: reference };
  await runTraining(trainConfig({ ...TINY, scenes: 7, ...config }), options);
  const [, task, settings, start] = vi.mocked(train).mock.lastCall ?? expect.unreachable();
  return { task, settings, start };
}

async function drawn(count: number, ...streams: TrainingStream[]): Promise<HostBatch[]> {
  const batches: HostBatch[] = [];
  for (let i = 0; i < count; i++) for (const stream of streams) batches.push(await stream.next());
  return batches;
}

const namesOf = (batches: readonly HostBatch[]): string[] =>
  [...new Set(batches.flatMap(({ names = [] }) => names))].sort();

describe('what the loop is given', () => {
  it('is every setting of the schedule, as configured', async () => {
    const config: GivenConfig = {
      epochs: 7,
      metaSteps: 5,
      fusionSteps: 4,
      innerSteps: 3,
      accumulate: 6,
      lr: 0.02,
      outerLr: 0.03,
      eta: 0.04,
      decay: 0.5,
      decayEvery: 8,
      outer: 'adam',
    };
    const { lr: rate, outerLr: outerRate, outer: outerUpdate, ...same } = config;
    expect((await given(config)).settings).toEqual({ ...same, rate, outerRate, outerUpdate });
  });

  it.each([
    ['ramp', [0.25, 0.5, 0.75, 1]],
    [0.3, [0.3, 0.3, 0.3, 0.3]],
  ] as const)('is a learner whose alpha_f is %s: %j', async (alphaF, expected) => {
    const { task } = await given({ epochs: 4, alphaF });
    const { ops } = reference;
    const [fused, a, b] = [0.1, 0.7, 0.4].map((value) => ops.constant([value, 0.2, 0, 1], [1, 2, 2, 1]));
    const half = ops.fill([1, 2, 2, 2], 0.5);
    const sources = { a: a as Tensor, b: b as Tensor };
    const alphas = expected.map((_alpha, epoch) => {
      const loss = task.learnerAt(epoch).fusionLoss(ops, fused as Tensor, sources, { w: half, v: half });
      return alphaIn(loss);
    });
    alphas.forEach((alpha, epoch) => {
      expect(alpha).toBeCloseTo(expected[epoch] as number, 12);
    });
  });

  it('is networks that recompute their blocks, where that is configured', async () => {
    for (const recompute of [true, false]) {
      (await given({ recompute })).task.learnerAt(0);
      expect(vi.mocked(refusionLearner)).toHaveBeenLastCalledWith(expect.objectContaining({ recompute }));
    }
  });

  it('is an objective with the alpha_r that is configured', async () => {
    const { task, start } = await given({ alphaR: 0.7 });
    const { ops } = reference;
    const image = ops.constant([0.1, 0.9, 0.4, 0.2], [1, 2, 2, 1]);
    const loss = task.learnerAt(0).objective(ops, start.theta.objective, image, { a: image, b: image });
    expect(alphaIn(loss)).toBeCloseTo(0.7, 12);
  });

  it('is halves of the pairs to meta-train and to meta-test on, and all of them to fuse', async () => {
    const { metaTrain, metaTest, fusionTrain } = (await given({})).task.batches;
    const [train, test] = [namesOf(await drawn(4, metaTrain)), namesOf(await drawn(3, metaTest))];
    expect([train.length, test.length]).toEqual([4, 3]);
    const all = Array.from({ length: 7 }, (_, i) => `ivif-000${i}`);
    expect([...train, ...test].sort()).toEqual(all);
    expect(namesOf(await drawn(7, fusionTrain))).toEqual(all);
    // The halves stay the same in the passes that follow.
    expect(namesOf(await drawn(9, metaTest))).toEqual(test);
  });

  it('is batches of one stream in turn, where that is configured', async () => {
    const { metaTrain, metaTest } = (await given({ split: 'alternate', scenes: 6 })).task.batches;
    expect(namesOf(await drawn(3, metaTrain, metaTest))).toHaveLength(6);
  });

  it('is crops of the size and number that is configured, with sources exchanged and turned, or not', async () => {
    const batch = async (config: GivenConfig) => {
      const { metaTrain, metaTest, fusionTrain } = (await given({ batch: 2, ...config })).task.batches;
      return drawn(1, metaTrain, metaTest, fusionTrain);
    };
    const plain = await batch({ symmetries: false, exchange: false });
    const exchanged = await batch({ symmetries: false, exchange: true });
    const turned = await batch({ symmetries: true, exchange: false });
    // The first crop of a batch is cut at the same place, turned or not.
    const firstCrop = (x: HostBatch): number[] => Array.from(x.a.data).slice(0, 64);
    for (const [i, one] of plain.entries()) {
      const [both, other] = [exchanged[i] as HostBatch, turned[i] as HostBatch];
      expect(one.a.shape).toEqual([2, 8, 8, 1]);
      expect(both.a.data).toEqual(Float32Array.from([...one.a.data, ...one.b.data]));
      expect(both.b.data).toEqual(Float32Array.from([...one.b.data, ...one.a.data]));
      expect(firstCrop(other).sort()).toEqual(firstCrop(one).sort());
    }
    expect(turned.map(firstCrop)).not.toEqual(plain.map(firstCrop));
  });
});

/** The weight that a loss gives its gradient part. */
function alphaIn(loss: Params<Tensor>): number {
  const value = (name: string): number => (loss[name] as Tensor & { data: Float64Array }).data[0] as number;
  expect(value('gradient')).toBeGreaterThan(0.01);
  return (value('total') - value('intensity')) / value('gradient');
}

describe('the steps of an epoch that nobody gives', () => {
  const steps = (config: GivenConfig, pairs: number): [meta: number, fusion: number] => {
    const { metaSteps, fusionSteps } = settingsOf(
      trainConfig({ data: 'synthetic', ...config }),
      {
        pairs,
        metaTrain: Math.ceil(pairs / 2),
      },
      String,
    );
    return [metaSteps, fusionSteps];
  };

  it.each([
    [{ batch: 1 }, 7, [4, 7]],
    [{ batch: 2 }, 7, [2, 4]],
    [{ batch: 1 }, 1199, [600, 1199]],
    // The authors take up to 600 meta-steps.
    [{ batch: 1 }, 3000, [600, 3000]],
    [{ batch: 2 }, 3000, [600, 1500]],
    // A fixed loss has nothing to learn.
    [{ batch: 1, loss: 'average' }, 7, [0, 7]],
    [{ metaSteps: 700, fusionSteps: 0 }, 7, [700, 0]],
  ] as const)('for %j of %i pairs: %j', (config, pairs, expected) => {
    expect(steps(config, pairs)).toEqual(expected);
  });
});
