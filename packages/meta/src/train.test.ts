import { reference, type Tensor } from '@refusion/autodiff';
import { leavesOf, type NdArray, OptionError, type Rng, rng, rngFrom, type Tree } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import {
  type Batch,
  DivergedError,
  initialState,
  type Learner,
  metaGradient,
  restoredState,
  savedState,
  type Theta,
  type TrainingEvent,
  type TrainingPosition,
  type TrainingSettings,
  type TrainingState,
  type TrainingStream,
  type TrainingTask,
  train,
  trainingSettings,
} from './index.js';

const { ops } = reference;

/** F blends the sources by one number, P weighs them by one, the objective shifts the fused image by one. */
const blend: Learner = {
  fuse: (o, p, { a, b }) => {
    const share = o.sigmoid(p['share'] as Tensor);
    return o.add(o.mul(share, a), o.mul(o.sub(1, share), b));
  },
  propose: (o, p, { a }) => ({ w: o.add(o.mul(a, 0), o.sigmoid(p['weight'] as Tensor)) }),
  fusionLoss: (o, fused, { a, b }, { w }) => ({
    total: o.mean(
      o.add(
        o.mul(w as Tensor, o.square(o.sub(a, fused))),
        o.mul(o.sub(1, w as Tensor), o.square(o.sub(b, fused))),
      ),
    ),
  }),
  // Only a matters to the objective, so P must learn to keep a.
  objective: (o, p, fused, { a }) => ({
    total: o.mean(o.square(o.sub(a, o.add(fused, p['shift'] as Tensor)))),
  }),
};

const theta = (): Theta => ({
  fusion: { share: ops.scalar(0) },
  proposal: { weight: ops.scalar(0) },
  objective: { shift: ops.scalar(0.1) },
});

function task(learner: Learner = blend): TrainingTask & { drawn: string[] } {
  const drawn: string[] = [];
  const stream = (set: string, seed: number): TrainingStream => {
    let random: Rng = rng(seed);
    const image = () => ({ data: Float64Array.from({ length: 6 }, random.normal), shape: [1, 2, 3, 1] });
    return {
      next: async () => {
        drawn.push(set);
        return { a: image(), b: image(), names: [`${set} pair`] };
      },
      state: () => random.state(),
      restore: (state) => {
        random = rngFrom(state as ReturnType<Rng['state']>);
      },
    };
  };
  return {
    drawn,
    learnerAt: () => learner,
    batches: { metaTrain: stream('train', 1), metaTest: stream('test', 2), fusionTrain: stream('fusion', 3) },
  };
}

async function run(settings: Partial<TrainingSettings>, what = task()): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  const start = initialState(ops, theta());
  for await (const event of train(reference, what, trainingSettings(settings), start)) events.push(event);
  return events;
}

const value = (x: Tensor | undefined): number => (x as Tensor & { data: Float64Array }).data[0] as number;
const SHORT = { epochs: 2, metaSteps: 3, fusionSteps: 2, rate: 0.01 };

describe('train', () => {
  it('goes through the schedule in order', async () => {
    const epoch = ['meta-step', 'meta-step', 'meta-step', 'fusion-update', 'fusion-update', 'epoch-end'];
    expect((await run(SHORT)).map(({ type }) => type)).toEqual([...epoch, ...epoch]);
  });

  it('draws a batch for every inner step, and one to test on', async () => {
    const what = task();
    await run({ ...SHORT, epochs: 1, innerSteps: 2 }, what);
    const metaStep = ['train', 'train', 'test'];
    expect(what.drawn).toEqual([...metaStep, ...metaStep, ...metaStep, 'fusion', 'fusion']);
  });

  it('updates P after as many meta-steps as accumulate says, and once more for those left over', async () => {
    const weights = (await run({ ...SHORT, epochs: 1, accumulate: 2 })).map((e) =>
      value(e.state.theta.proposal['weight']),
    );
    expect(weights[0]).toBe(0);
    // A normalised update of a single parameter is a step of exactly the rate.
    expect(weights[1]).toBeCloseTo(0.01, 12);
    expect(weights[2]).toBeCloseTo(0.02, 12);
    expect(weights[3]).toBe(weights[2]);
  });

  it("divides P's gathered gradients by their number, those left over too", async () => {
    const events = await run({ ...SHORT, epochs: 1, accumulate: 2, eta: 1, outerUpdate: 'adam' });
    const { metaTrain, metaTest } = task().batches;
    const image = ({ data, shape }: NdArray): Tensor => ops.constant(data, shape);
    const gradientAt = async (weight: number): Promise<number> => {
      const [train, test] = [await metaTrain.next(), await metaTest.next()].map(({ a, b }) => ({
        a: image(a),
        b: image(b),
      })) as [Batch, Batch];
      const at = { ...theta(), proposal: { weight: ops.scalar(weight) } };
      return value(metaGradient(ops, blend, at, [train], test, 1).hypergradient.gradient['weight']);
    };
    // Adam by hand: what it does not depend on is the gradient's size, so it takes two updates to see a sum.
    const first = ((await gradientAt(0)) + (await gradientAt(0))) / 2;
    const afterFirst = -0.01 * (first / (Math.abs(first) + 1e-8));
    const second = await gradientAt(afterFirst);
    const m = (0.9 * 0.1 * first + 0.1 * second) / (1 - 0.9 ** 2);
    const v = (0.999 * 0.001 * first ** 2 + 0.001 * second ** 2) / (1 - 0.999 ** 2);
    const afterSecond = afterFirst - 0.01 * (m / (Math.sqrt(v) + 1e-8));
    const weights = events.slice(0, 3).map(({ state }) => value(state.theta.proposal['weight']));
    expect(weights[0]).toBe(0);
    expect(weights[1]).toBeCloseTo(afterFirst, 12);
    expect(weights[2]).toBeCloseTo(afterSecond, 12);
  });

  it('moves P by its own rate where it has one, which decays as the other does', async () => {
    const settings = { ...SHORT, metaSteps: 1, accumulate: 1, outerRate: 0.002, decay: 0.5, decayEvery: 1 };
    const weights = (await run(settings)).map((e) => value(e.state.theta.proposal['weight']));
    expect(weights[0]).toBeCloseTo(0.002, 12);
    expect(weights.at(-1)).toBeCloseTo(0.003, 12);
  });

  it('decays the learning rate', async () => {
    const events = await run({ ...SHORT, epochs: 4, decay: 0.5, decayEvery: 2 });
    const rates = events.filter((e) => e.type === 'epoch-end').map((e) => e.rate);
    expect(rates).toEqual([0.01, 0.01, 0.005, 0.005]);
  });

  it('moves only P in meta-steps, and only F and the objective in fusion updates', async () => {
    const [, , lastMeta, firstFusion] = await run({ ...SHORT, accumulate: 1 });
    const [before, after] = [lastMeta?.state.theta, firstFusion?.state.theta];
    expect(value(before?.fusion['share'])).toBe(0);
    expect(value(after?.fusion['share'])).not.toBe(0);
    expect(value(after?.objective['shift'])).not.toBe(0.1);
    expect(value(after?.proposal['weight'])).toBe(value(before?.proposal['weight']));
  });

  it.each(['normalised', 'adam'] as const)(
    'learns a loss that serves the objective (%s)',
    async (outerUpdate) => {
      const settings = {
        epochs: 20,
        metaSteps: 5,
        fusionSteps: 5,
        rate: 0.1,
        eta: 1,
        decayEvery: 100,
        outerUpdate,
      };
      const events = await run(settings);
      const last = events.at(-1)?.state.theta as Theta;
      expect(value(last.proposal['weight'])).toBeGreaterThan(1);
      expect(value(last.fusion['share'])).toBeGreaterThan(1);
    },
  );

  it("hands further maps to the objective, by the learner's type", async () => {
    const seen: number[] = [];
    const labelled: Learner<'labels'> = {
      ...blend,
      objective: (o, p, fused, targets) => {
        seen.push(...targets.labels.shape);
        return {
          total: o.mean(o.square(o.sub(targets.labels, o.add(fused, o.mul(p['shift'] as Tensor, 0))))),
        };
      },
    };
    const image = (value: number) => ({ data: Float32Array.of(value), shape: [1, 1, 1, 1] });
    const [a, b, labels] = [image(0.2), image(0.4), image(0.4)];
    const place = { state: () => null, restore: () => {} };
    const stream = { next: async () => ({ a, b, targets: { a, b, labels } }), ...place };
    const batches = { metaTrain: stream, metaTest: stream, fusionTrain: stream };
    const settings = trainingSettings({ epochs: 20, metaSteps: 5, fusionSteps: 5, rate: 0.1, eta: 1 });
    const start = initialState(ops, theta());
    let weight = 0;
    for await (const event of train(reference, { learnerAt: () => labelled, batches }, settings, start)) {
      if (event.type === 'epoch-end') weight = value(event.state.theta.proposal['weight']);
    }
    expect(new Set(seen)).toEqual(new Set([1]));
    // The labels are b: P learns to keep b.
    expect(weight).toBeLessThan(-0.5);
    const bare = { next: async () => ({ a, b, targets: { a, b } }), ...place };
    const missing = { metaTrain: stream, metaTest: stream, fusionTrain: bare };
    // @ts-expect-error a set whose batches lack the labels
    void train(reference, { learnerAt: () => labelled, batches: missing }, settings, start);
  });

  it.each([
    ['objective', 'NaN', (o) => o.log(o.neg(o.scalar(1)))],
    ['objective', 'Infinity', (o) => o.div(1, o.scalar(0))],
  ] as [string, string, (o: typeof ops) => Tensor][])(
    'stops in one sentence when the %s loss becomes %s',
    async (loss, value, bad) => {
      const broken: Learner = { ...blend, [loss]: (o: typeof ops) => ({ total: bad(o) }) };
      const message = `train: the ${loss} loss became ${value} in epoch 1, step 1, on the pairs train pair, test pair: lower the learning rate or the inner step size`;
      await expect(run(SHORT, task(broken))).rejects.toThrow(DivergedError);
      await expect(run(SHORT, task(broken))).rejects.toThrow(message);
    },
  );

  // The square root's slope at 0 is infinite, and 0 times that is no number; its value is finite.
  const spoil = (o: typeof ops, x: Tensor): Tensor => o.add(x, o.sqrt(o.mul(x, 0)));

  it.each([
    [
      "the gradient of P's parameters",
      SHORT,
      { propose: (o, p) => ({ w: spoil(o, o.sigmoid(p['weight'] as Tensor)) }) },
    ],
    [
      'the sum of the updated parameters and moments',
      { ...SHORT, metaSteps: 0 },
      { fuse: (o, p, sources) => spoil(o, blend.fuse(o, p, sources)) },
    ],
  ] as [string, Partial<TrainingSettings>, Partial<Learner>][])(
    'stops before numbers that are not finite reach the parameters: %s',
    async (what, settings, spoilt) => {
      const message = `train: ${what} became NaN in epoch 1, step 1`;
      await expect(run(settings, task({ ...blend, ...spoilt }))).rejects.toThrow(message);
    },
  );
});

describe('a gradient whose square is infinite, and would freeze its parameter in Adam for ever', () => {
  const steep: Learner = {
    ...blend,
    fusionLoss: (o, ...rest) => ({ total: o.mul(blend.fusionLoss(o, ...rest).total, 1e200) }),
  };
  // Not by the objective's own parameter, whose inner update would be infinite.
  const steepObjective: Learner = {
    ...blend,
    objective: (o, _p, fused, { a }) => ({ total: o.mul(o.mean(o.square(o.sub(a, fused))), 1e200) }),
  };

  it('stops a fusion update', async () => {
    await expect(run({ ...SHORT, metaSteps: 0 }, task(steep))).rejects.toThrow(
      'train: the sum of the updated parameters and moments became Infinity in epoch 1, step 1',
    );
  });

  it('stops an update of P, and the state before it is still good', async () => {
    const freed = new Set<Tensor>();
    const release = (tree: Tree<Tensor>): void => leavesOf<Tensor>(tree).forEach((x) => void freed.add(x));
    const settings = trainingSettings({ ...SHORT, metaSteps: 2, accumulate: 2, outerUpdate: 'adam' });
    let last: TrainingState | null = null;
    const training = async (): Promise<void> => {
      const start = initialState(ops, theta());
      const events = train({ ...reference, release }, task(steepObjective), settings, start);
      for await (const { state } of events) last = state;
    };
    await expect(training()).rejects.toThrow(
      "train: the sum of P's updated parameters and moments became Infinity in epoch 1, step 2",
    );
    const { theta: parameters, optimisers, proposal, pending } = last as unknown as TrainingState;
    const moments = [optimisers.fusion, optimisers.objective, proposal].map(({ m, v }) => [m, v]);
    const alive = leavesOf<Tensor>([parameters, moments, pending.gradient] as Tree<Tensor>);
    expect(alive.filter((x) => freed.has(x))).toEqual([]);
    expect(freed.size).toBeGreaterThan(0);
  });
});

describe('train from a state in the middle', () => {
  const settings: Partial<TrainingSettings> = { ...SHORT, epochs: 3, accumulate: 2 };
  async function from(
    start: TrainingState,
    changes: Partial<TrainingSettings> = {},
  ): Promise<TrainingEvent[]> {
    const events: TrainingEvent[] = [];
    const full = trainingSettings({ ...settings, ...changes });
    for await (const event of train(reference, task(), full, start)) events.push(event);
    return events;
  }

  it.each(['normalised', 'adam'] as const)(
    'gives the events that would have come next (%s)',
    async (outerUpdate) => {
      const innerSteps = outerUpdate === 'adam' ? 2 : 1;
      const whole = await run({ ...settings, outerUpdate, innerSteps });
      expect(whole).toHaveLength(18);
      for (const [i, event] of whole.entries()) {
        // Through JSON and off the engine, as a checkpoint does it.
        const { tensors, values } = await savedState(reference, event.state);
        const start = restoredState(reference, { tensors, values: JSON.parse(JSON.stringify(values)) });
        expect(await from(start, { outerUpdate, innerSteps })).toEqual(whole.slice(i + 1));
      }
    },
  );

  it('refuses a position that its settings do not have', async () => {
    const start = initialState(ops, theta());
    const at = (position: object) =>
      from({ ...start, position: { ...start.position, ...position } as TrainingPosition });
    await expect(at({ step: 4 })).rejects.toThrow(OptionError);
    await expect(at({ step: 4 })).rejects.toThrow(
      'train: position.step must be at most 3, the steps of the meta phase, got 4',
    );
    await expect(at({ phase: 'test' })).rejects.toThrow('position.phase must be one of meta, fusion');
    await expect(at({ epoch: -1 })).rejects.toThrow('position.epoch must be a whole number of at least 0');
  });

  it.each([
    ['fusion-m/share', 'restoredState: "fusion-m/share" is missing'],
    ['fusion/share', 'restoredState: "fusion/share" is missing'],
  ])('refuses a saved state without %s', async (name, message) => {
    const saved = await savedState(reference, initialState(ops, theta()));
    const { [name]: _left, ...tensors } = saved.tensors;
    expect(() => restoredState(reference, { ...saved, tensors })).toThrow(message);
  });

  it('refuses moments of another shape', async () => {
    const saved = await savedState(reference, initialState(ops, theta()));
    const tensors = { ...saved.tensors, 'fusion-m/share': { data: new Float64Array(2), shape: [2] } };
    expect(() => restoredState(reference, { ...saved, tensors })).toThrow(
      'restoredState: "fusion-m/share" must have the shape of "fusion/share" [], got [2]',
    );
  });
});

it.each([
  [{ epochs: 0 }, 'training: epochs must be a whole number of at least 1, got 0'],
  [{ rate: -1 }, 'training: rate must be a number above 0, got -1'],
  [{ eta: Number.NaN }, 'training: eta must be a number above 0, got NaN'],
  [{ metaSteps: 1.5 }, 'training: metaSteps must be a whole number of at least 0, got 1.5'],
  [{ outerUpdate: 'sgd' as 'adam' }, 'training: outerUpdate must be one of normalised, adam, got "sgd"'],
])('refuses the setting %j', (settings, message) => {
  expect(() => trainingSettings(settings)).toThrow(message);
});
