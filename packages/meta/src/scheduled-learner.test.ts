import { type Engine, type Operand, reference, type Tensor } from '@refusion/autodiff';
import { OptionError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import {
  initialState,
  type Learner,
  scheduledLearner,
  type TrainingEvent,
  type TrainingTask,
  train,
  trainingSettings,
} from './index.js';

const { ops } = reference;

/** F blends by one number, P weighs by one; a coefficient weighs the second part of either loss. */
const blend = (alpha: Operand): Learner => ({
  fuse: (o, p, { a, b }) => {
    const share = o.sigmoid(p['share'] as Tensor);
    return o.add(o.mul(share, a), o.mul(o.sub(1, share), b));
  },
  propose: (o, p, { a }) => ({ w: o.mul(o.sigmoid(p['weight'] as Tensor), a) }),
  fusionLoss: (o, fused, { a, b }, { w }) => {
    const far = o.mean(o.mul(w as Tensor, o.square(o.sub(a, fused))));
    return { total: o.add(far, o.mul(alpha, o.mean(o.square(o.sub(b, fused))))) };
  },
  objective: (o, p, fused, { a }) => {
    const shift = p['shift'] as Tensor;
    const far = o.mean(o.square(o.sub(a, o.add(fused, shift))));
    return { total: o.add(far, o.mul(alpha, o.square(shift))) };
  },
});

const image = (...values: number[]) => ({ data: Float64Array.from(values), shape: [1, 1, values.length, 1] });
const stream = {
  next: async () => ({ a: image(0.1, 0.7, 0.4), b: image(0.9, 0.2, 0.5) }),
  state: () => null,
  restore: () => {},
};
const SETTINGS = trainingSettings({
  ...{ epochs: 3, metaSteps: 2, innerSteps: 2, fusionSteps: 2, rate: 0.01, eta: 0.5, outerUpdate: 'adam' },
});

async function trained(learnerAt: TrainingTask['learnerAt'], engine: Engine): Promise<TrainingEvent[]> {
  const theta = {
    fusion: { share: ops.scalar(0.3) },
    proposal: { weight: ops.scalar(-0.2) },
    objective: { shift: ops.scalar(0.1) },
  };
  const task = { learnerAt, batches: { metaTrain: stream, metaTest: stream, fusionTrain: stream } };
  const events: TrainingEvent[] = [];
  for await (const event of train(engine, task, SETTINGS, initialState(ops, theta))) events.push(event);
  return events;
}

/** An engine that keeps a step for each name, as one that compiles does, and tells whenever another comes. */
function compiling(): Engine & { readonly compiled: string[] } {
  const ready = new Map<string, object>();
  const compiled: string[] = [];
  const evaluate: NonNullable<Engine['evaluate']> = async (step, inputs) => {
    if (ready.get(step.name) !== step) compiled.push(step.name);
    ready.set(step.name, step);
    return step.run(ops, inputs);
  };
  return { ...reference, compiled, evaluate };
}

const alphaOf = (epoch: number): number => (epoch + 1) / 3;
const ramp = () =>
  scheduledLearner(
    (epoch) => ({ alpha: alphaOf(epoch) }),
    ({ alpha }) => blend(alpha),
  );

describe('the learners of a schedule', () => {
  it('train as learners with these numbers do, in steps that are compiled once', async () => {
    const numbers = await trained((epoch) => blend(alphaOf(epoch)), reference);
    expect(await trained(ramp(), reference)).toEqual(numbers);
    const engine = compiling();
    // Several inner steps are walked back in another order of the same sums, exactly so for learners of numbers.
    const compiled = await trained((epoch) => blend(alphaOf(epoch)), engine);
    expect(engine.compiled).toHaveLength(3 * 4);
    const once = compiling();
    expect(await trained(ramp(), once)).toEqual(compiled);
    expect(once.compiled).toEqual([
      ...['the inner gradients', 'the outer loss', 'the hypergradient', 'the Hessian product'],
    ]);
  });

  it('are no longer of it once a part is another', async () => {
    const objective: Learner['objective'] = (o, p, fused) => ({
      total: o.mean(o.square(o.sub(p['shift'] as Tensor, fused))),
    });
    const learnerAt = ramp();
    const swapped = await trained((epoch) => ({ ...learnerAt(epoch), objective }), compiling());
    expect(swapped).toEqual(await trained((epoch) => ({ ...blend(alphaOf(epoch)), objective }), compiling()));
  });

  it('may differ between two schedules', async () => {
    const half = scheduledLearner(
      () => ({ alpha: 0.5 }),
      ({ alpha }) => blend(alpha),
    );
    const engine = compiling();
    await trained(ramp(), engine);
    expect(await trained(half, engine)).toEqual(await trained(() => blend(0.5), compiling()));
  });
});

describe('a coefficient that is taken for a number', () => {
  it('is told where it is a tensor', async () => {
    const learnerAt = scheduledLearner(
      (epoch) => ({ alpha: alphaOf(epoch) }),
      ({ alpha }) => blend(2 * (alpha as number)),
    );
    await expect(trained(learnerAt, compiling())).rejects.toThrow(
      new OptionError(
        'scheduledLearner: the coefficient "alpha" is a tensor where steps are compiled; use operations, as ops.mul(2, alpha), or a learnerAt that makes each epoch\'s learner of numbers',
      ),
    );
  });
});

describe('a schedule that is none', () => {
  const make = () => blend(1);

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'coefficientsAt(2) must be a record of numbers, got undefined'],
    ['a number', 0.5, 'coefficientsAt(2) must be a record of numbers, got the number 0.5'],
    [
      'NaN',
      { alpha: 1, beta: Number.NaN },
      'coefficientsAt(2).beta must be a finite number, got the number NaN',
    ],
    ['a string', { alpha: '1' }, 'coefficientsAt(2).alpha must be a finite number, got the string 1'],
  ])('gives %s', (_name, coefficients, sentence) => {
    const learnerAt = scheduledLearner(() => coefficients as { alpha: number }, make);
    expect(() => learnerAt(2)).toThrow(new OptionError(`scheduledLearner: ${sentence}`));
  });

  it('is given in place of functions', () => {
    const anything = scheduledLearner as (...given: unknown[]) => unknown;
    expect(() => anything({ alpha: 1 }, make)).toThrow(
      new OptionError('scheduledLearner: arguments.coefficientsAt must be a function, got an object'),
    );
    expect(() => anything(() => ({ alpha: 1 }))).toThrow(
      new OptionError('scheduledLearner: arguments.make must be a function, got undefined'),
    );
    const learnerAt = scheduledLearner(
      () => ({ alpha: 1 }),
      () => undefined as unknown as Learner,
    );
    expect(() => learnerAt(0)).toThrow(
      new OptionError('scheduledLearner: learner must have a function fuse, got undefined'),
    );
  });
});
