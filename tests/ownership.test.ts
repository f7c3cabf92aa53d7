import {
  type Engine,
  grad,
  jvp,
  type Operand,
  type Ops,
  type Tensor,
  transposedAttention,
  vjp,
} from '@refusion/autodiff';
import { type NdArray, type Params, rng } from '@refusion/core';
import {
  initialState,
  type Learner,
  releaseState,
  scheduledLearner,
  type Theta,
  type TrainingEvent,
  type TrainingTask,
  train,
  trainingSettings,
} from '@refusion/meta';
import { fusionNetwork, proposalNetwork, reconstructionNetwork } from '@refusion/networks';
import { refusionLearner } from '@refusion/pipeline';
import { loadEngine } from '@refusion/tf';
import { beforeEach, describe, expect, it } from 'vitest';

// Who owns which tensor, on an engine where tensors must be freed.
const engine = await loadEngine('wasm');
const { ops } = engine;
const SIZE = { dim: 4, blocks: 1, heads: 2 };

const upload = (params: Params<NdArray>): Params<Tensor> =>
  Object.fromEntries(
    Object.entries(params).map(([name, { data, shape }]) => [name, ops.constant(data, shape)]),
  );

const theta = (): Theta => ({
  fusion: upload(fusionNetwork(SIZE).init(rng(1))),
  proposal: upload(proposalNetwork(SIZE).init(rng(2))),
  objective: upload(reconstructionNetwork(SIZE).init(rng(3))),
});

function task(learner: Learner, spoilAfter = Number.POSITIVE_INFINITY): TrainingTask {
  const random = rng(4);
  let drawn = 0;
  const draw = async () => {
    drawn++;
    const image = () => ({
      data: Float32Array.from({ length: 64 }, () => (drawn > spoilAfter ? Number.NaN : random.uniform())),
      shape: [1, 8, 8, 1],
    });
    return { a: image(), b: image() };
  };
  const stream = { next: draw, state: () => null, restore: () => {} };
  return { learnerAt: () => learner, batches: { metaTrain: stream, metaTest: stream, fusionTrain: stream } };
}

let before = 0;
beforeEach(() => {
  before = engine.tensorCount();
});

describe('derivatives', () => {
  it('give every leaf a tensor of its own, that may be freed', () => {
    const kept = ops.constant([1, 2], [2]);
    const { value, gradient } = ops.scope(() => {
      const { value, pullback } = vjp(ops, (o, { a, b }: { a: Tensor; b: Tensor }) => o.add(a, b), {
        a: kept,
        b: kept,
      });
      return { value, gradient: pullback([kept]) };
    });
    expect(new Set([value, gradient.a, gradient.b, kept]).size).toBe(4);
    const moved = ops.scope(() => jvp(ops, (_o, x: Tensor) => x, kept, kept));
    engine.release([value, gradient, moved.value, moved.tangent]);
    expect(ops.add(kept, 0).shape).toEqual([2]); // still alive
  });

  it('leave nothing behind in a scope but their results', () => {
    const x = ops.constant(Float32Array.from({ length: 32 }, Math.sin), [1, 4, 4, 2]);
    const heads = ops.constant([1], [1, 1, 1]);
    const attend = (o: Ops, q: Tensor): Tensor => o.sum(transposedAttention(o, q, q, q, heads));
    const results = ops.scope(() => ({ gradient: grad(ops, attend, x), ...jvp(ops, attend, x, x) }));
    expect(engine.tensorCount()).toBe(before + 2 + 3);
    engine.release([x, heads, results]);
    expect(engine.tensorCount()).toBe(before);
  });

  it('of forward mode keep no more alive than a forward pass, beyond the doubling', () => {
    const params = upload(fusionNetwork(SIZE).init(rng(1)));
    const image = ops.fill([1, 8, 8, 1], 0.5);
    const learner = refusionLearner();
    const alive = (run: () => unknown): number => {
      let count = 0;
      ops.scope(() => {
        const start = engine.tensorCount();
        const result = run();
        count = engine.tensorCount() - start;
        return result === undefined ? [] : [];
      });
      return count;
    };
    const fuse = (o: Ops, p: Params<Tensor>): Tensor => learner.fuse(o, p, { a: image, b: image });
    const forward = alive(() => fuse(ops, params));
    // Zero tangents and constants come on top; without scopes it was twenty times as many.
    expect(alive(() => jvp(ops, fuse, params, params))).toBeLessThan(3 * forward);
    engine.release([params, image]);
  });
});

describe('a training', () => {
  it.each([
    ['normalised updates', { outerUpdate: 'normalised', innerSteps: 1, accumulate: 2 }],
    [
      'Adam, two inner steps, a number of meta-steps that accumulate does not divide',
      { outerUpdate: 'adam', innerSteps: 2, accumulate: 2 },
    ],
  ] as const)('has one number of tensors after every step: %s', async (_label, changes) => {
    const settings = trainingSettings({ epochs: 1, metaSteps: 3, fusionSteps: 2, rate: 1e-3, ...changes });
    const counts: number[] = [];
    let last: TrainingEvent | undefined;
    const start = initialState(ops, theta());
    for await (const event of train(engine, task(refusionLearner()), settings, start)) {
      counts.push(engine.tensorCount());
      last = event;
    }
    expect(new Set(counts).size).toBe(1);
    const { state } = last as TrainingEvent;
    releaseState(engine, state);
    expect(engine.tensorCount()).toBe(before);
  });

  it('of a schedule has one number of tensors after every step too, on an engine that takes coefficients as inputs', async () => {
    const compiling: Engine = {
      ...engine,
      evaluate: async (step, inputs) => ops.scope(() => step.run(ops, inputs)),
    };
    const showing = (alphaF: Operand): Learner => {
      const plain = refusionLearner({ alphaF });
      const fusionLoss: Learner['fusionLoss'] = (o, ...given) => ({
        ...plain.fusionLoss(o, ...given),
        alpha: typeof alphaF === 'number' ? o.scalar(alphaF) : alphaF,
      });
      return { ...plain, fusionLoss };
    };
    const learnerAt = scheduledLearner(
      (epoch) => ({ alphaF: epoch + 1 }),
      ({ alphaF }) => showing(alphaF),
    );
    const settings = trainingSettings({ epochs: 2, metaSteps: 2, innerSteps: 2, fusionSteps: 2 });
    const counts = new Set<number>();
    const shown: (number | undefined)[] = [];
    let last: TrainingEvent | undefined;
    const start = initialState(ops, theta());
    for await (const event of train(compiling, { ...task(showing(1)), learnerAt }, settings, start)) {
      counts.add(engine.tensorCount());
      if (event.type === 'fusion-update') shown.push(event.fusion['alpha']);
      last = event;
    }
    expect(shown).toEqual([1, 1, 2, 2]);
    expect(counts.size).toBe(1);
    releaseState(engine, (last as TrainingEvent).state);
    expect(engine.tensorCount()).toBe(before);
  });

  it('leaves the last good state alive when a loss is no longer finite, and nothing else', async () => {
    const settings = trainingSettings({ epochs: 1, metaSteps: 0, fusionSteps: 5 });
    let last: TrainingEvent | undefined;
    let count = 0;
    const run = async (): Promise<void> => {
      for await (const event of train(
        engine,
        task(refusionLearner(), 2),
        settings,
        initialState(ops, theta()),
      )) {
        last = event;
        count = engine.tensorCount();
      }
    };
    await expect(run()).rejects.toThrow('the fusion loss became NaN in epoch 1, step 3');
    expect(engine.tensorCount()).toBe(count);
    const weight = last?.state.theta.fusion['project_in_1.weight'] as Tensor;
    expect((await engine.read(weight)).every(Number.isFinite)).toBe(true);
  });

  it('does not free a parameter that a loss shows as one of its parts', async () => {
    const plain = refusionLearner();
    const showing: Learner = {
      ...plain,
      objective: (o, { scale, ...r }, fused, targets) => {
        const terms = plain.objective(o, r, fused, targets);
        return { ...terms, total: o.mul(terms.total, scale as Tensor), scale: scale as Tensor };
      },
    };
    const start = theta();
    const scaled = { ...start, objective: { ...start.objective, scale: ops.constant([1], []) } };
    const settings = trainingSettings({ epochs: 1, metaSteps: 2, fusionSteps: 2 });
    let steps = 0;
    for await (const event of train(engine, task(showing), settings, initialState(ops, scaled))) {
      if (event.type !== 'epoch-end') steps++;
    }
    expect(steps).toBe(4);
  });
});

it('a scope refuses an asynchronous function', () => {
  expect(() => ops.scope(async () => ops.scalar(1))).toThrow('scope: the function must not be asynchronous');
});
