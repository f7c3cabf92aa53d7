import { FileError } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { type Block, compile, describeModel } from '../index.js';
import {
  chooseBlock,
  MOST_ERROR,
  type OpenModel,
  openSession,
  probeBlock,
  type Session,
  selfTest,
} from '../node.js';

const { block } = await chooseBlock();

/** A runtime whose results are spoiled, from the model of a number on. */
function spoiling(spoil: (data: Float32Array) => Float32Array, from = 0): OpenModel {
  let opened = 0;
  return async (model, options): Promise<Session> => {
    const session = await openSession(model, options);
    if (opened++ < from) return session;
    return {
      description: session.description,
      provider: session.provider,
      close: () => session.close(),
      run: async (inputs) => {
        const outputs = Object.entries(await session.run(inputs));
        return Object.fromEntries(
          outputs.map(([name, { data, shape }]) => [name, { data: spoil(data), shape }]),
        );
      },
    };
  };
}

const refusing: OpenModel = async () => {
  throw new FileError('the model: no such operator');
};

describe('probeBlock', () => {
  it('finds no block where the runtime refuses, or gives another order', async () => {
    expect(await probeBlock(refusing)).toBeNull();
    expect(await probeBlock(spoiling((data) => data.toReversed()))).toBeNull();
    expect(await probeBlock(spoiling((data) => data.map((x) => x + 1)))).toBeNull();
  });
});

describe.runIf(block !== null)('the self-test (skipped where onnxruntime has no blocks that work)', () => {
  it('passes with the block that the probe finds', async () => {
    expect(await probeBlock()).toBe(block);
    expect(await selfTest(block as Block)).toBeLessThan(MOST_ERROR);
  });

  it('fails with any other block', async () => {
    for (const other of [4, 8, 16] as const) {
      if (other !== block) expect(await selfTest(other)).toBe(Number.POSITIVE_INFINITY);
    }
  });

  it('fails with a perturbed kernel, numbers that are none, and a runtime that refuses', async () => {
    // The first model that is opened is the probe's.
    const perturbed = spoiling((data) => data.map((x, i) => (i === 0 ? x * 1.01 : x)), 1);
    const error = await selfTest(block as Block, perturbed);
    expect(error).toBeGreaterThan(MOST_ERROR);
    expect(error).toBeLessThan(1);
    const none = spoiling((data) => data.map(() => Number.NaN), 1);
    expect(await selfTest(block as Block, none)).toBe(Number.POSITIVE_INFINITY);
    expect(await selfTest(block as Block, refusing)).toBe(Number.POSITIVE_INFINITY);
  });

  it('makes the choice fall on public operators, with the reason', async () => {
    expect(await chooseBlock(refusing)).toEqual({
      block: null,
      reason: "onnxruntime's internal operators do not work on this machine as expected",
    });
    const perturbed = spoiling((data) => data.map((x) => x * 1.01), 1);
    expect(await chooseBlock(perturbed)).toEqual({
      block: null,
      reason: `the self-test of onnxruntime's internal operators (block ${block}) errs by 1.0e-2`,
    });
  });
});

describe.runIf(block !== null)('a model in blocks (skipped where onnxruntime has none that work)', () => {
  it('is not taken as a file', async () => {
    const model = compile((ops, { x, w }) => ({ y: ops.depthwise(x as never, w as never) }), {
      inputs: { x: { shape: [1, 2, 2, block as Block] }, w: { shape: [block as Block, 1, 3, 3] } },
      block: block as Block,
    });
    const opening = openSession(model, { name: 'm.onnx' });
    await expect(opening).rejects.toThrow(FileError);
    await expect(opening).rejects.toThrow(
      "m.onnx: has operators that are onnxruntime's own, which only a model compiled by this program may have; export it with public operators",
    );
  });

  it('is not opened where the machine has other blocks', async () => {
    const other = block === 8 ? 16 : 8;
    const model = compile((ops, { x, w }) => ({ y: ops.depthwise(x as never, w as never) }), {
      inputs: { x: { shape: [1, 2, 2, other] }, w: { shape: [other, 1, 3, 3] } },
      metadata: { maker: 'us' },
      block: other,
    });
    expect(describeModel(model).metadata).toEqual({ maker: 'us', block: `${other}` });
    await expect(openSession(model, { name: 'm', blocked: true, optimise: false })).rejects.toThrow(
      new FileError(
        `m: was compiled for blocks of ${other}, and onnxruntime has blocks of ${block} on this machine; compile it with the block that chooseBlock gives`,
      ),
    );
  });
});
