import { type Engine, reference, type Tensor } from '@refusion/autodiff';
import { OptionError, ShapeError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import {
  type HostBatch,
  initialState,
  type Learner,
  restoredState,
  type SavedState,
  savedState,
  type Theta,
  type TrainingEvent,
  type TrainingState,
  type TrainingTask,
  train,
  trainingSettings,
} from './index.js';

const { ops } = reference;

/** What a program without types may hand in. */
const anything = <T>(value: unknown): T => value as T;

const learner: Learner = {
  fuse: (o, p, { a }) => o.mul(p['gain'] as Tensor, a),
  propose: (o, p) => ({ w: o.square(p['weight'] as Tensor) }),
  fusionLoss: (o, fused, { b }, { w }) => ({
    total: o.mean(o.mul(w as Tensor, o.square(o.sub(fused, b)))),
  }),
  objective: (o, p, fused, { b }) => ({
    total: o.mean(o.square(o.sub(b, o.add(fused, p['shift'] as Tensor)))),
  }),
};

const theta = (): Theta => ({
  fusion: { gain: ops.scalar(1) },
  proposal: { weight: ops.scalar(1) },
  objective: { shift: ops.scalar(0) },
});

const image = { data: Float64Array.of(0.1, 0.7), shape: [1, 1, 2, 1] };
const stream = (batch: HostBatch = { a: image, b: image }) => ({
  next: async () => batch,
  state: () => null,
  restore: () => {},
});

function task(given: Partial<TrainingTask> = {}): TrainingTask {
  const batches = { metaTrain: stream(), metaTest: stream(), fusionTrain: stream() };
  return { learnerAt: () => learner, batches, ...given };
}

const settings = trainingSettings({ epochs: 1, metaSteps: 1, fusionSteps: 1 });

async function run(
  what: TrainingTask,
  start: TrainingState = initialState(ops, theta()),
  engine: Engine = reference,
): Promise<TrainingEvent[]> {
  const events: TrainingEvent[] = [];
  for await (const event of train(engine, what, settings, start)) events.push(event);
  return events;
}

const trainedBy = (own: Partial<Learner>) => run(task({ learnerAt: () => ({ ...learner, ...own }) }));

it('a learner as it should be trains', async () => {
  expect((await run(task())).map(({ type }) => type)).toEqual(['meta-step', 'fusion-update', 'epoch-end']);
});

describe('settings', () => {
  it.each([
    [{ epoch: 3 }, 'training: there is no setting "epoch", choose from epochs, metaSteps, fusionSteps, '],
    [null, 'training: the settings must be a record, got null'],
    ['small', 'training: the settings must be a record, got the string small'],
  ])('%j', (given, sentence) => {
    const filled = (): unknown => trainingSettings(anything(given));
    expect(filled).toThrow(OptionError);
    expect(filled).toThrow(sentence);
  });
});

describe('what is trained', () => {
  it.each<[string, () => Promise<unknown>, string]>([
    [
      'an engine that is none',
      () => run(task(), undefined, anything(ops)),
      'train: engine.read must be a function, got undefined',
    ],
    [
      'no learnerAt',
      () => run(anything({ ...task(), learnerAt: undefined })),
      'train: task.learnerAt must be a function, got undefined',
    ],
    [
      'a learner in place of learnerAt',
      () => run(anything({ ...task(), learnerAt: learner })),
      'train: task.learnerAt must be a function, got an object',
    ],
    [
      'a learner without an objective',
      () => run(task({ learnerAt: () => anything({ ...learner, objective: undefined }) })),
      'train: learner.objective must be a function, got undefined',
    ],
    [
      'no batches',
      () => run(anything({ learnerAt: () => learner })),
      'train: task.batches.metaTrain must have a function next, got undefined',
    ],
    [
      'a list of batches',
      () => run(task({ batches: { ...task().batches, metaTest: anything([image]) } })),
      'train: task.batches.metaTest must have a function next, got a list',
    ],
    [
      'a stream that ends',
      () => run(task({ batches: { ...task().batches, metaTest: stream(anything(null)) } })),
      'train: a batch must be a record of a, b, got null',
    ],
    [
      'a batch of tensors of nothing',
      () =>
        run(task({ batches: { ...task().batches, metaTest: stream(anything({ a: image, b: [1, 2] })) } })),
      'train: b of a batch must be an array { data, shape }, got a list',
    ],
    ['no state', () => run(task(), anything(null)), 'train: state must be a record of theta, '],
    ['parameters in place of a state', () => run(task(), anything(theta())), 'train: state.theta is missing'],
  ])('%s', async (_name, misuse, sentence) => {
    await expect(misuse()).rejects.toThrow(OptionError);
    await expect(misuse()).rejects.toThrow(sentence);
  });

  it('parameters that are no tensors', () => {
    const bad = { ...theta(), proposal: anything<Theta['proposal']>({ weight: 1 }) };
    expect(() => initialState(ops, bad)).toThrow(
      'initialState: theta.proposal.weight must be a tensor, got the number 1',
    );
  });
});

describe('what a learner returns', () => {
  it.each<[string, Partial<Learner>, typeof OptionError | typeof ShapeError, string]>([
    [
      'a fusion loss that is an image',
      { fusionLoss: (o, fused, { b }) => ({ total: o.square(o.sub(fused, b)) }) },
      ShapeError,
      'learner: the total of fusionLoss must be a scalar, such as a mean over all pixels, got [1,1,2,1]',
    ],
    [
      'a part that is an image',
      { objective: (o, p, fused) => ({ total: o.mean(o.mul(fused, p['shift'] as Tensor)), map: fused }) },
      ShapeError,
      'learner: the map of objective must be a scalar, such as a mean over all pixels, got [1,1,2,1]',
    ],
    [
      'a loss without a record',
      { objective: (o, p, fused) => anything(o.mean(o.mul(fused, p['shift'] as Tensor))) },
      OptionError,
      'learner: what objective returns must be a record of tensors by name, got a single tensor',
    ],
    [
      'no total',
      { fusionLoss: (o, fused) => anything({ loss: o.mean(fused) }) },
      OptionError,
      'learner: what fusionLoss returns must have a total',
    ],
    [
      'a number',
      { fusionLoss: () => anything({ total: 1 }) },
      OptionError,
      'learner: what fusionLoss returns.total must be a tensor, got the number 1',
    ],
    [
      'nothing to propose',
      { propose: () => anything(undefined) },
      OptionError,
      'learner: what propose returns must be a record of tensors by name, got undefined',
    ],
    [
      'a promise in place of the fused image',
      { fuse: anything(async (o: typeof ops, _p: unknown, { a }: { a: Tensor }) => o.mul(a, 1)) },
      OptionError,
      'learner: fuse must return the fused image as a tensor, got a promise',
    ],
  ])('%s', async (_name, own, type, sentence) => {
    await expect(trainedBy(own)).rejects.toThrow(type);
    await expect(trainedBy(own)).rejects.toThrow(sentence);
  });
});

const saved = await savedState(reference, initialState(ops, theta()));

describe('a saved state', () => {
  const { tensors, values } = saved;
  const { 'fusion-m/gain': _gone, ...incomplete } = tensors;

  it.each<[string, unknown, string]>([
    ['that is none', undefined, 'restoredState: saved must be a record of tensors, values'],
    ['without values', { tensors }, 'restoredState: saved.values is missing'],
    ['values that are empty', { tensors, values: {} }, 'restoredState: values.position is missing'],
    [
      'a position that is none',
      { tensors, values: { ...values, position: { epoch: 0, phase: 'outer', step: 0 } } },
      'restoredState: position.phase must be one of meta, fusion, got "outer"',
    ],
    [
      'a count that is none',
      { tensors, values: { ...values, pending: -1 } },
      'restoredState: pending must be a whole number of at least 0, got -1',
    ],
    [
      'streams that are missing',
      { tensors, values: { ...values, streams: { metaTrain: null } } },
      'restoredState: values.streams.metaTest is missing',
    ],
    ['a missing array', { tensors: incomplete, values }, 'restoredState: "fusion-m/gain" is missing'],
    [
      'arrays that JSON has made records of',
      { tensors: { ...tensors, 'fusion/gain': { data: { 0: 1 }, shape: [] } }, values },
      'restoredState: the data of "fusion/gain" must be a Float32Array or a Float64Array, got an object',
    ],
    [
      'an array that is too short',
      { tensors: { ...tensors, 'fusion/gain': { data: new Float32Array(2), shape: [3] } }, values },
      'restoredState: "fusion/gain" of the shape [3] must have 3 numbers, got 2',
    ],
    [
      'a part of nothing',
      { tensors: { ...tensors, 'discriminator/gain': tensors['fusion/gain'] }, values },
      'restoredState: "discriminator/gain" is of no part of a state',
    ],
  ])('%s', (_name, given, sentence) => {
    const uploads: unknown[] = [];
    const constant = ((data, shape) => {
      uploads.push(shape);
      return ops.constant(data, shape);
    }) as typeof ops.constant;
    const engine: Engine = { ...reference, ops: Object.assign(Object.create(ops), { constant }) };
    const restored = (): unknown => restoredState(engine, given as SavedState);
    expect(restored).toThrow(/^restoredState: /);
    expect(restored).toThrow(sentence);
    expect(uploads).toEqual([]);
  });
});
