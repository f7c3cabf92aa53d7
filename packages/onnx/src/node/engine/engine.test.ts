import {
  type Engine,
  evaluate,
  OPERATIONS,
  type Ops,
  reference,
  type Step,
  type Tensor,
} from '@refusion/autodiff';
import { OptionError, RefusionError, ShapeError } from '@refusion/core';
import { expectClose, inputsOf, normals, OPERATION_CASES } from '@refusion/test-utils';
import { afterAll, describe, expect, it } from 'vitest';
import {
  fastOnnxEngine,
  type OnnxEngineOptions,
  onnxEngine,
  openSession,
  probeBlock,
  type Session,
  type SessionOptions,
} from '../../node.js';
import { hostOps } from './host-ops.js';

type HostArray = { readonly data: Float32Array; readonly shape: readonly number[] };

const opened: Engine[] = [];
async function open(options: OnnxEngineOptions): Promise<Engine> {
  const engine = await onnxEngine(options);
  opened.push(engine);
  return engine;
}
afterAll(async () => {
  for (const engine of opened) await engine.close?.();
});

type Images = { readonly batch: { readonly x: Tensor }; readonly w: Tensor };
type Results = {
  readonly loss: Tensor;
  readonly picture: readonly Tensor[];
  readonly gradient: { readonly w: Tensor };
};

/** A loss that is a mean over images, with its gradient, and a picture for each image. */
const meanStep = (scale = 1): Step<Images, Results> => ({
  name: 'a mean',
  imagewise: { images: ['batch'], perImage: ['picture'] },
  run: (ops, { batch, w }) => {
    const picture = ops.exp(ops.mul(ops.pointwise(batch.x, w), scale));
    return { loss: ops.mean(picture), picture: [picture], gradient: { w: ops.mul(w, ops.mean(picture)) } };
  },
});

function images(ops: Ops, count: number): Images {
  return {
    batch: { x: ops.constant(normals(count * 6, 1).map(Math.fround), [count, 1, 3, 2]) },
    w: ops.constant([0.25, -0.5, 0.75, 0.125], [2, 2, 1, 1]),
  };
}

const leaves = ({ loss, picture, gradient }: Results): Tensor[] => [loss, ...picture, gradient.w];

async function numbersOn(engine: Engine, step: Step<Images, Results>, count: number): Promise<number[][]> {
  const result = leaves(await evaluate(engine, step, images(engine.ops, count)));
  return Promise.all(result.map(async (x) => [...x.shape, ...(await engine.read(x))]));
}

describe('a step of images', () => {
  it.each([1, 2])('gives what the batch gives, with %i workers', async (workers) => {
    const engine = await open({ workers });
    const expected = await numbersOn(reference, meanStep(), 3);
    for (const [i, numbers] of (await numbersOn(engine, meanStep(), 3)).entries()) {
      expectClose(numbers, expected[i] as number[], 1e-6);
    }
  });

  it('gives the same bits for any number of workers', async () => {
    const [one, three] = [await open({ workers: 1 }), await open({ workers: 3 })];
    const step = meanStep();
    for (let again = 0; again < 3; again++) {
      expect(await numbersOn(three, step, 7)).toEqual(await numbersOn(one, step, 7));
    }
  });

  it('takes batches of any length, and steps that take the place of others', async () => {
    const engine = await open({ workers: 1 });
    for (const [step, count] of [
      [meanStep(), 2],
      [meanStep(), 1],
      [meanStep(2), 2],
    ] as const) {
      const expected = (await numbersOn(reference, step, count)).flat();
      expectClose((await numbersOn(engine, step, count)).flat(), expected, 1e-6);
    }
  });

  it('refuses batches and results that do not fit', async () => {
    const engine = await open({ workers: 1 });
    const [x, y] = [images(engine.ops, 2).batch.x, images(engine.ops, 3).batch.x];
    const add: Step<{ x: Tensor; y: Tensor }, { z: Tensor }> = {
      name: 'a sum',
      imagewise: { images: ['x', 'y'], perImage: ['z'] },
      run: (ops, inputs) => ({ z: ops.add(inputs.x, inputs.y) }),
    };
    await expect(evaluate(engine, add, { x, y })).rejects.toThrow(
      new ShapeError('a sum: all must hold as many images, got 2 and 3'),
    );
    const none = { x: engine.ops.constant([], [0, 1, 3, 2]), y: engine.ops.constant([], [0, 1, 3, 2]) };
    await expect(evaluate(engine, add, none)).rejects.toThrow(
      new ShapeError('a sum: needs at least one image'),
    );
    const mean: typeof add = { ...add, run: (ops, inputs) => ({ z: ops.mean(inputs.x) }) };
    await expect(evaluate(engine, mean, { x, y: x })).rejects.toThrow(
      'a sum: a scalar cannot hold an entry for each image',
    );
    const double: typeof add = { ...add, run: (ops, inputs) => ({ z: ops.concat([inputs.x, inputs.x], 0) }) };
    await expect(evaluate(engine, double, { x, y: x })).rejects.toThrow(
      'a sum: an output must have one entry for each image, got [2,1,3,2] for one image',
    );
  });
});

describe('a step of a whole batch', () => {
  it('is evaluated at once', async () => {
    const engine = await open({ workers: 2, threads: 1 });
    // Not a mean: the largest of all images.
    const step: Step<Images, { readonly largest: Tensor }> = {
      name: 'the largest',
      run: (ops, { batch }) => ({ largest: ops.max(batch.x) }),
    };
    const { largest } = await evaluate(engine, step, images(engine.ops, 5));
    const { data } = images(hostOps, 5).batch.x as Tensor & { readonly data: Float32Array };
    expect(await engine.read(largest)).toEqual(Float32Array.of(Math.max(...data)));
  });
});

describe('an engine', () => {
  it('says what it runs on', async () => {
    expect((await open({ workers: 1 })).remark).toMatch(/^onnx: .*, 1 worker$/);
    expect((await open({ workers: 3 })).remark).toMatch(/^onnx: .*, 3 workers$/);
  });

  it.each([
    [
      'has a block that is not known',
      async (): Promise<Session> => {
        throw new Error('no such operator');
      },
      "public operators (onnxruntime's internal operators do not work on this machine as expected)",
    ],
    [
      'computes with a kernel that is off by a thousandth',
      async (model: Uint8Array, sessionOptions?: SessionOptions): Promise<Session> => {
        const session = await openSession(model, sessionOptions);
        if (session.description.inputs.length === 1) return session; // the probe
        const run: Session['run'] = async (inputs) => {
          const { value, ...others } = await session.run(inputs);
          const off = {
            data: (value as HostArray).data.map((x) => 1.001 * x),
            shape: (value as HostArray).shape,
          };
          return { ...others, value: off };
        };
        return {
          description: session.description,
          provider: session.provider,
          run,
          close: () => session.close(),
        };
      },
      /public operators \(the self-test of onnxruntime's internal operators \(block \d+\) errs by 1\.0e-3\)/,
    ],
  ])('takes public operators where the machine %s, says so, and computes', async (_what, play, remark) => {
    const engine = await open({ workers: 1, open: play });
    expect(engine.remark).toMatch(remark);
    expect(await fastOnnxEngine({ workers: 1, open: play })).toEqual({ engine: null, reason: engine.remark });
    const expected = (await numbersOn(reference, meanStep(), 2)).flat();
    expectClose((await numbersOn(engine, meanStep(), 2)).flat(), expected, 1e-6);
  });

  it('tells which step takes long to prepare', async () => {
    const told: string[] = [];
    const engine = await open({ workers: 1, onPreparing: (name) => told.push(name) });
    const slow: Step<Images, Results> = {
      ...meanStep(),
      run: (ops, inputs) => {
        const began = performance.now();
        while (performance.now() - began < 1010);
        return meanStep().run(ops, inputs);
      },
    };
    await numbersOn(engine, slow, 1);
    await numbersOn(engine, slow, 1);
    expect(told).toEqual(['a mean']);
  });

  it('refuses blocks that this machine does not have', async () => {
    const found = await probeBlock();
    for (const block of [4, 8, 16] as const) {
      const refused = `onnxEngine: onnxruntime has ${found ? `blocks of ${found}` : 'no blocks'} on this machine, not of ${block}; leave block out`;
      if (block !== found) await expect(onnxEngine({ block })).rejects.toThrow(new OptionError(refused));
    }
  });

  it('refuses options out of range, and work after it was closed', async () => {
    await expect(onnxEngine({ workers: 0 })).rejects.toThrow(
      new OptionError('onnxEngine: workers must be a whole number from 1 to 1024, got 0'),
    );
    await expect(onnxEngine({ threads: 1.5 })).rejects.toThrow(OptionError);
    const engine = await onnxEngine({ workers: 2 });
    await numbersOn(engine, meanStep(), 1);
    await engine.close();
    await expect(numbersOn(engine, meanStep(), 1)).rejects.toThrow(
      new RefusionError('onnx: the engine has been closed, open another'),
    );
  });
});

describe('operations on arrays of this process', () => {
  it.each(OPERATION_CASES)('$label is the reference, rounded', (testCase) => {
    const operation = OPERATIONS.find(
      ({ name }) => name === testCase.operation,
    ) as (typeof OPERATIONS)[number];
    const inputs = inputsOf(testCase, 7).map((data) => data.map(Math.fround));
    const [own, expected] = [hostOps, reference.ops].map((ops) => {
      const tensors = inputs.map((data, i) => ops.constant(data, testCase.shapes[i] as number[]));
      return ops.apply(operation, tensors, testCase.attrs) as Tensor & { readonly data: ArrayLike<number> };
    });
    expect(own?.shape).toEqual(expected?.shape);
    expect(own?.data).toEqual(Float32Array.from(expected?.data ?? []));
  });

  it.each(['add', 'sub', 'mul', 'div', 'maximum'] as const)(
    '%s takes numbers in either place',
    async (name) => {
      const values = [[0.75], [1.5, -2, 0.125]] as const;
      const [own, expected] = [hostOps, reference.ops].map((ops) => {
        const [number, vector] = [ops.scalar(values[0][0]), ops.constant(values[1], [3])];
        return [ops[name](number, ops.scalar(3)), ops[name](number, vector), ops[name](vector, number)].map(
          (x) => Array.from((x as Tensor & { readonly data: ArrayLike<number> }).data, Math.fround),
        );
      });
      expect(own).toEqual(expected);
    },
  );
});
